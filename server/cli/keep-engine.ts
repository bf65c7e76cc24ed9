import type { Logger } from 'pino';
import type { LabEngine } from '../engines/engine.ts';

/** How long an engine goes on without its server: with no lab on it, and with some, which are to be found again. */
const LEASE_SECONDS = { idle: 5 * 60, labs: 4 * 3600 } as const;
const RENEW_MS = 10_000;

/** The lease of an engine, renewed for as long as this process lives. Disposing it stops that. */
export interface KeptEngine extends Disposable {
  renew(): Promise<void>;
}

/** Keep an engine from ending itself. */
export async function keepEngine(
  engine: LabEngine,
  openLabs: () => number,
  log: Logger,
): Promise<KeptEngine> {
  const renew = async () => {
    try {
      await engine.lease(openLabs() > 0 ? LEASE_SECONDS.labs : LEASE_SECONDS.idle);
    } catch (error) {
      log.warn({ err: error }, 'lease not renewed');
    }
  };
  await renew();
  const timer = setInterval(() => void renew(), RENEW_MS).unref();
  return { renew, [Symbol.dispose]: () => clearInterval(timer) };
}
