import express, { type Express } from 'express';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Access } from '../access/access.ts';
import type { Warn } from '../access/bounded-warnings.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { EngineGate } from '../sessions/engine-gate.ts';
import type { SessionManager } from '../sessions/manager.ts';
import { createAccessRoutes } from './access-routes.ts';
import { createApi } from './api.ts';
import { answerErrors } from './errors.ts';
import { createGuards } from './guards.ts';
import { createHealth } from './health.ts';
import { createOperatorRoutes } from './operator-routes.ts';
import { servePage } from './page.ts';
import { securityHeaders } from './security-headers.ts';

export type HttpOptions = {
  scenarios: ReadonlyMap<string, Scenario>;
  engine: Pick<EngineGate, 'status' | 'unavailable'>;
  sessions: SessionManager;
  access: Access;
  metrics: Pick<Registry, 'contentType' | 'metrics'>;
  /** See AccessRoutesOptions. */
  onSignedOut: (owner: string) => void;
  /** Absolute path of the folder with the built page. */
  webRoot: string;
  log: Logger;
  warn: Warn;
};

/** Everything that is answered over HTTP: the API and the page. Listens nowhere itself. */
export function createHttp(options: HttpOptions): Express {
  const { scenarios, engine, sessions, access, metrics, onSignedOut, webRoot, log, warn } = options;
  const guards = createGuards(access, warn);
  const http = express();
  http.disable('x-powered-by');
  http.use(securityHeaders());
  http.use(guards.requireSmall);
  http.use(createHealth(engine));
  http.use(guards.requireOwnHost);
  http.use(createOperatorRoutes({ sessions, metrics, guards }));
  http.use('/api', guards.requirePatience, guards.requireSameOrigin, (_request, response, next) => {
    // What a learner may see differs by cookie and by the minute.
    response.set('Cache-Control', 'no-store');
    next();
  });
  http.use(createAccessRoutes({ access, guards, onSignedOut, log, warn }));
  http.use(createApi({ scenarios, engine, sessions, access, guards }));
  http.use(servePage(webRoot, access, guards));
  http.use((_request, response) => void response.sendStatus(404));
  http.use(answerErrors(log));
  return http;
}
