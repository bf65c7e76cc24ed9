import type {
  ApiError,
  EngineStatus,
  CatalogueEntry,
  ScenarioView,
  SessionView,
  Slug,
  StepContent,
  StepId,
} from '../../../server/protocol/index.ts';
import { routes } from '../../../server/protocol/routes.ts';
import type { Result } from './problem.ts';

/** What the page needs of `fetch`; tests give a plain function. */
export type Fetch = (path: string, init: { method: string; signal?: AbortSignal }) => Promise<Response>;

/** The HTTP API as functions. None of them throws; see Result. */
export interface Api {
  engine(): Promise<Result<EngineStatus>>;
  scenarios(): Promise<Result<CatalogueEntry[]>>;
  scenario(slug: Slug): Promise<Result<ScenarioView>>;
  /** The learner's session; `session_not_found` before Start. */
  session(slug: Slug): Promise<Result<SessionView>>;
  start(slug: Slug): Promise<Result<SessionView>>;
  end(slug: Slug): Promise<Result<SessionView>>;
  extend(slug: Slug): Promise<Result<SessionView>>;
  reset(slug: Slug, keepProgress: boolean): Promise<Result<SessionView>>;
  step(slug: Slug, step: StepId): Promise<Result<StepContent>>;
  finish(slug: Slug): Promise<Result<StepContent>>;
  /** Answers once the step's checks have been made. */
  check(slug: Slug, step: StepId): Promise<Result<SessionView>>;
  next(slug: Slug): Promise<Result<SessionView>>;
}

/** The API over a given `fetch`. */
export function createApi(fetch: Fetch): Api {
  const request = async <T>(method: 'GET' | 'POST' | 'DELETE', path: string): Promise<Result<T>> => {
    let response: Response;
    let body: T | ApiError;
    try {
      response = await fetch(path, { method });
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
    start: (slug) => request('POST', routes.session(slug)),
    end: (slug) => request('DELETE', routes.session(slug)),
    extend: (slug) => request('POST', routes.extend(slug)),
    reset: (slug, keepProgress) => request('POST', routes.reset(slug, keepProgress)),
    step: (slug, step) => request('GET', routes.step(slug, step)),
    finish: (slug) => request('GET', routes.finish(slug)),
    check: (slug, step) => request('POST', routes.check(slug, step)),
    next: (slug) => request('POST', routes.next(slug)),
  };
}

const isApiError = (body: unknown): body is ApiError =>
  typeof body === 'object' && body !== null && 'error' in body && 'message' in body;
