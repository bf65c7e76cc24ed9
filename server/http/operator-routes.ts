import { Router, type Request } from 'express';
import type { Registry } from 'prom-client';
import { routes } from '../protocol/index.ts';
import { LabError } from '../sessions/errors.ts';
import type { SessionManager } from '../sessions/manager.ts';
import type { Guards } from './guards.ts';

export type OperatorRoutesOptions = {
  sessions: Pick<SessionManager, 'list' | 'endRun'>;
  metrics: Pick<Registry, 'contentType' | 'metrics'>;
  guards: Guards;
};

/** What whoever operates the server does from elsewhere. */
export function createOperatorRoutes({ sessions, metrics, guards }: OperatorRoutesOptions): Router {
  const operator = Router();
  operator.use(['/api/admin', routes.metrics()], guards.requireSameOrigin, guards.requireOperator);
  operator.get(routes.metrics(), async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.metrics());
  });
  operator.get(routes.runningSessions(), (_request, response) => void response.json(sessions.list()));
  operator.delete(routes.runningSession(':run'), async ({ params }: Request<{ run: string }>, response) => {
    if (!(await sessions.endRun(params.run))) throw new LabError('session_not_found', NO_SUCH_RUN);
    response.sendStatus(204);
  });
  return operator;
}

const NO_SUCH_RUN = {
  en: 'No lab with this id is running. The list of those that are has their ids.',
  'zh-CN': '没有正在运行的实验使用此编号。请在运行列表中查看编号。',
};
