import type { Logger } from 'pino';
import { Budget } from './budget.ts';

/** Tell the log of something that whoever comes can cause as often as they like. */
export type Warn = (details: object, message: string) => void;

const LINES = { burst: 200, perSecond: 1 } as const;

/** Warnings that cannot fill the disk: beyond a line a second they are left out, and counted in the next. */
export function boundedWarnings(log: Pick<Logger, 'warn'>, now?: () => number): Warn {
  const budget = new Budget(LINES, now);
  let leftOut = 0;
  return (details, message) => {
    if (!budget.take('')) {
      leftOut += 1;
      return;
    }
    log.warn({ ...details, ...(leftOut > 0 && { leftOut }) }, message);
    leftOut = 0;
  };
}
