import { Router } from 'express';
import type { EngineGate } from '../sessions/engine-gate.ts';

/** For whoever watches over the server: whether it answers, and whether labs can run. They say nothing else. */
export function createHealth(engine: Pick<EngineGate, 'status'>): Router {
  const health = Router();
  health.use(['/healthz', '/readyz'], (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  health.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  health.get('/readyz', (_request, response) => {
    const { status } = engine.status;
    response.status(status === 'ready' ? 200 : 503).json({ status });
  });
  return health;
}
