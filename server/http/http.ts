import express, { type Express } from 'express';
import type { Logger } from 'pino';
import type { Scenario } from '../scenarios/scenario.ts';
import type { EngineGate } from '../sessions/engine-gate.ts';
import type { SessionManager } from '../sessions/manager.ts';
import { createApi } from './api.ts';
import { answerErrors } from './errors.ts';
import { requireOwnHost } from './guards.ts';
import { servePage } from './page.ts';
import { securityHeaders } from './security-headers.ts';

export type HttpOptions = {
  scenarios: ReadonlyMap<string, Scenario>;
  engine: Pick<EngineGate, 'status' | 'unavailable'>;
  sessions: SessionManager;
  /** Absolute path of the folder with the built page. */
  webRoot: string;
  log: Logger;
};

/** Everything that is answered over HTTP: the API and the page. Listens nowhere itself. */
export function createHttp({ scenarios, engine, sessions, webRoot, log }: HttpOptions): Express {
  const http = express();
  http.disable('x-powered-by');
  http.use(securityHeaders());
  http.use(requireOwnHost);
  http.use(createApi({ scenarios, engine, sessions }));
  http.use(servePage(webRoot));
  http.use((_request, response) => void response.sendStatus(404));
  http.use(answerErrors(log));
  return http;
}
