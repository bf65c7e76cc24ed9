import { Router, type Request, type Response } from 'express';
import { routes, type SessionView, type StepContent } from '../protocol/index.ts';
import type { CatalogueEntry, EngineStatus, ScenarioView } from '../protocol/index.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { EngineGate } from '../sessions/engine-gate.ts';
import { apiError, LabError } from '../sessions/errors.ts';
import type { SessionManager } from '../sessions/manager.ts';
import { ownerOf, requireOwner, requireSameOrigin } from './guards.ts';
import { sendAsset } from './send-asset.ts';
import { catalogueEntry, scenarioView } from './scenario-view.ts';

export type ApiOptions = {
  scenarios: ReadonlyMap<string, Scenario>;
  engine: Pick<EngineGate, 'status' | 'unavailable'>;
  sessions: SessionManager;
};

type Lab = Request<{ slug: string }>;
type LabAsset = Request<{ slug: string; path: string[] }>;
type LabStep = Request<{ slug: string; step: string }>;

const UNKNOWN_ADDRESS = {
  en: 'The server has nothing at this address. Reload the page and try again.',
  'zh-CN': '服务器上没有这个地址。请刷新页面后重试。',
};

/** The HTTP API, exactly the table in protocol/routes.ts. Failures are thrown, for `answerErrors` to answer. */
export function createApi({ scenarios, engine, sessions }: ApiOptions): Router {
  const api = Router();
  api.use('/api', requireSameOrigin, requireOwner, (_request, response, next) => {
    // What a learner may see differs by cookie and by the minute.
    response.set('Cache-Control', 'no-store');
    next();
  });

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

  api.get(routes.session(':slug'), (request: Lab, response: Response<SessionView>) => {
    const view = sessions.get(ownerOf(response), request.params.slug);
    if (view === null) throw new LabError('session_not_found');
    response.json(view);
  });
  api.post(routes.session(':slug'), ({ params }: Lab, response: Response<SessionView>) => {
    response.json(sessions.start(ownerOf(response), params.slug));
  });
  api.delete(routes.session(':slug'), ({ params }: Lab, response: Response<SessionView>) => {
    response.json(sessions.end(ownerOf(response), params.slug));
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
