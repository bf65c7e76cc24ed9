import type {
  ApiError,
  EngineStatus,
  CatalogueEntry,
  RunId,
  ScenarioView,
  SessionView,
  Slug,
  StepContent,
  StepId,
} from '../../../server/protocol/index.ts';
import { routes, RUN_HEADER } from '../../../server/protocol/routes.ts';
import type { Result } from './problem.ts';

/** What the page needs of `fetch`; tests give a plain function. */
export type Fetch = (
  path: string,
  init: { method: string; headers?: Record<string, string>; signal?: AbortSignal },
) => Promise<Response>;

/**
 * The HTTP API as functions. None of them throws; see Result. What is asked of a run is done to no other: where it is not
 * the owner's any more, it comes to `run_outdated`.
 */
export interface Api {
  engine(): Promise<Result<EngineStatus>>;
  scenarios(): Promise<Result<CatalogueEntry[]>>;
  scenario(slug: Slug): Promise<Result<ScenarioView>>;
  /** The learner's session; `session_not_found` before Start. */
  session(slug: Slug): Promise<Result<SessionView>>;
  /** `run` is the one that is over; null where none is shown. */
  start(slug: Slug, run: RunId | null): Promise<Result<SessionView>>;
  end(slug: Slug, run: RunId): Promise<Result<SessionView>>;
  extend(slug: Slug, run: RunId): Promise<Result<SessionView>>;
  reset(slug: Slug, run: RunId, keepProgress: boolean): Promise<Result<SessionView>>;
  step(slug: Slug, step: StepId): Promise<Result<StepContent>>;
  finish(slug: Slug): Promise<Result<StepContent>>;
  /** Answers once the step's checks have been made. */
  check(slug: Slug, run: RunId, step: StepId): Promise<Result<SessionView>>;
  next(slug: Slug, run: RunId): Promise<Result<SessionView>>;
}

/** The API over a given `fetch`. */
export function createApi(fetch: Fetch): Api {
  const request = async <T>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    run: RunId | null = null,
  ): Promise<Result<T>> => {
    let response: Response;
    let body: T | ApiError;
    try {
      response = await fetch(path, { method, ...(run !== null && { headers: { [RUN_HEADER]: run } }) });
    } catch {
      return { ok: false, problem: { error: 'unreachable' } };
    }
    try {
      body = await response.json();
    } catch {
      return { ok: false, problem: { error: 'unexpected', status: response.status } };
    }
    if (isApiError(body)) return { ok: false, problem: body };
    if (response.ok) return { ok: true, value: body };
    return { ok: false, problem: { error: 'unexpected', status: response.status } };
  };
  return {
    engine: () => request('GET', routes.engine()),
    scenarios: () => request('GET', routes.scenarios()),
    scenario: (slug) => request('GET', routes.scenario(slug)),
    session: (slug) => request('GET', routes.session(slug)),
    start: (slug, run) => request('POST', routes.session(slug), run),
    end: (slug, run) => request('DELETE', routes.session(slug), run),
    extend: (slug, run) => request('POST', routes.extend(slug), run),
    reset: (slug, run, keepProgress) => request('POST', routes.reset(slug, keepProgress), run),
    step: (slug, step) => request('GET', routes.step(slug, step)),
    finish: (slug) => request('GET', routes.finish(slug)),
    check: (slug, run, step) => request('POST', routes.check(slug, step), run),
    next: (slug, run) => request('POST', routes.next(slug), run),
  };
}

const isApiError = (body: unknown): body is ApiError =>
  typeof body === 'object' && body !== null && 'error' in body && 'message' in body;
