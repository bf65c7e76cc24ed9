import type { Logger } from 'pino';
import type { LabEngine } from '../engines/engine.ts';

/** How long an engine without labs goes on without its server. */
const IDLE_SECONDS = 5 * 60;
const RENEW_MS = 10_000;

/** The lease of an engine, renewed for as long as this process lives. Disposing it stops that. */
export interface KeptEngine extends Disposable {
  /** At once: to be called when there are labs where there were none, or none any more. */
  renew(): Promise<void>;
}

export type KeepOptions = {
  openLabs: () => number;
  /** How long open labs wait for the next start, which is to find them again. */
  hours: number;
  log: Logger;
};

/** Keep an engine from ending itself. */
export async function keepEngine(
  engine: Pick<LabEngine, 'lease'>,
  { openLabs, hours, log }: KeepOptions,
): Promise<KeptEngine> {
  const renew = async () => {
    try {
      await engine.lease(openLabs() > 0 ? Math.ceil(hours * 3600) : IDLE_SECONDS);
    } catch (error) {
      log.warn({ err: error }, 'lease not renewed');
    }
  };
  await renew();
  const timer = setInterval(() => void renew(), RENEW_MS).unref();
  return { renew, [Symbol.dispose]: () => clearInterval(timer) };
}
