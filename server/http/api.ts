import { Router, type Request, type Response } from 'express';
import { routes, RUN_HEADER, type SessionView, type StepContent } from '../protocol/index.ts';
import type { CatalogueEntry, EngineStatus, ScenarioView } from '../protocol/index.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { EngineGate } from '../sessions/engine-gate.ts';
import { apiError, LabError } from '../sessions/errors.ts';
import type { SessionManager } from '../sessions/manager.ts';
import type { Access } from '../access/access.ts';
import { Budget } from '../access/budget.ts';
import { ownerOf, type Guards } from './guards.ts';
import { sendAsset } from './send-asset.ts';
import { catalogueEntry, scenarioView } from './scenario-view.ts';

export type ApiOptions = {
  scenarios: ReadonlyMap<string, Scenario>;
  engine: Pick<EngineGate, 'status' | 'unavailable'>;
  sessions: SessionManager;
  access: Access;
  guards: Guards;
};

/** How many labs one owner may have open, and how often labs may be started by one, and from one address. */
const LABS_OF_OWNER = 3;
const STARTS_OF_OWNER = { burst: 20, perSecond: 1 / 15 } as const;
const STARTS_OF_ADDRESS = { burst: 200, perSecond: 1 } as const;

type Lab = Request<{ slug: string }>;
type LabAsset = Request<{ slug: string; path: string[] }>;
type LabStep = Request<{ slug: string; step: string }>;

const UNKNOWN_ADDRESS = {
  en: 'The server has nothing at this address. Reload the page and try again.',
  'zh-CN': '服务器上没有这个地址。请刷新页面后重试。',
};

/** The HTTP API, exactly the table in protocol/routes.ts. Failures are thrown, for `answerErrors` to answer. */
export function createApi({ scenarios, engine, sessions, access, guards }: ApiOptions): Router {
  const api = Router();
  const startsOfOwner = new Budget(STARTS_OF_OWNER);
  const startsOfAddress = new Budget(STARTS_OF_ADDRESS);
  const isOpen = (owner: string, slug: string): boolean => {
    const status = sessions.get(owner, slug)?.status;
    return status !== undefined && status !== 'ended' && status !== 'failed';
  };
  /** Throws LabError where an owner has enough labs, or has hosts made too often. */
  const requireModesty = (request: Lab, owner: string): void => {
    const { slug } = request.params;
    const others = [...scenarios.keys()].filter((each) => each !== slug && isOpen(owner, each));
    if (!isOpen(owner, slug) && others.length >= LABS_OF_OWNER) throw new LabError('too_many_labs');
    const isModest = startsOfAddress.take(access.addressOf(request)) && startsOfOwner.take(owner);
    if (!isModest) throw new LabError('too_many_requests');
  };
  api.use('/api', guards.requireAccess, guards.requireSignedIn, guards.requireOwner);

  api.get(routes.engine(), (_request, response: Response<EngineStatus>) => {
    response.json(engine.status);
  });
  api.get(routes.scenarios(), (_request, response: Response<CatalogueEntry[]>) => {
    const owner = ownerOf(response);
    const entry = (scenario: Scenario) =>
      catalogueEntry(scenario, engine, sessions.get(owner, scenario.slug));
    response.json([...scenarios.values()].map(entry));
  });
  api.get(routes.scenario(':slug'), ({ params }: Lab, response: Response<ScenarioView>) => {
    response.json(scenarioView(sessions.scenario(ownerOf(response), params.slug), engine));
  });
  api.get(routes.asset(':slug', '*path'), (request: LabAsset, response, next) => {
    const { slug, path } = request.params;
    const asset = sessions.scenario(ownerOf(response), slug).assets.get(['assets', ...path].join('/'));
    if (asset === undefined) return next();
    sendAsset(asset, response);
  });

  api.use(routes.session(':slug'), (request: Lab, response, next) => {
    const run = request.get(RUN_HEADER);
    if (run !== undefined) sessions.requireRun(ownerOf(response), request.params.slug, run);
    next();
  });
  api.get(routes.session(':slug'), (request: Lab, response: Response<SessionView>) => {
    const view = sessions.get(ownerOf(response), request.params.slug);
    if (view === null) throw new LabError('session_not_found');
    response.json(view);
  });
  api.post(routes.session(':slug'), (request: Lab, response: Response<SessionView>) => {
    const owner = ownerOf(response);
    const { slug } = request.params;
    if (!isOpen(owner, slug)) requireModesty(request, owner);
    response.json(sessions.start(owner, slug));
  });
  api.delete(routes.session(':slug'), ({ params }: Lab, response: Response<SessionView>) => {
    response.json(sessions.end(ownerOf(response), params.slug));
  });

  api.post(routes.extend(':slug'), ({ params }: Lab, response: Response<SessionView>) => {
    response.json(sessions.extend(ownerOf(response), params.slug));
  });
  api.post(routes.reset(':slug', false), (request: Lab, response: Response<SessionView>) => {
    const { params, query } = request;
    requireModesty(request, ownerOf(response));
    response.json(sessions.reset(ownerOf(response), params.slug, query['progress'] === 'keep'));
  });

  api.get(
    routes.step(':slug', ':step'),
    ({ params: { slug, step } }: LabStep, response: Response<StepContent>) => {
      response.json(sessions.content(ownerOf(response), slug, step));
    },
  );
  api.post(
    routes.check(':slug', ':step'),
    async ({ params: { slug, step } }: LabStep, response: Response<SessionView>) => {
      response.json(await sessions.check(ownerOf(response), slug, step));
    },
  );
  api.post(routes.next(':slug'), ({ params }: Lab, response: Response<SessionView>) => {
    response.json(sessions.next(ownerOf(response), params.slug));
  });
  api.get(routes.finish(':slug'), ({ params }: Lab, response: Response<StepContent>) => {
    response.json(sessions.finishContent(ownerOf(response), params.slug));
  });

  api.use('/api', (_request, response) => {
    response.status(404).json(apiError('bad_request', UNKNOWN_ADDRESS));
  });
  return api;
}
