import type { Logger } from 'pino';
import type { LabEngine } from '../engines/engine.ts';

/** An engine without an owner ends itself after so long. */
const LEASE_SECONDS = 600;
const RENEW_MS = 60_000;

/** Renew an engine's lease for as long as this process lives. Disposing it stops that. */
export async function keepEngine(engine: LabEngine, log: Logger): Promise<Disposable> {
  const renew = () =>
    engine.lease(LEASE_SECONDS).catch((error: unknown) => log.warn({ err: error }, 'lease not renewed'));
  await renew();
  const timer = setInterval(() => void renew(), RENEW_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
