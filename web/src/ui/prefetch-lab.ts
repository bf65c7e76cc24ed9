import { loadSocketIo } from '../state/socket-io.ts';

/** How long a browser that does not tell when it is idle is given to draw the page first, in milliseconds. */
const UNTIL_IDLE_MS = 200;

/**
 * Fetch the code that a lab needs once it runs, as soon as the browser has nothing else to do; gives a function that
 * stops that. Where it fails, whoever needs the code tries again, and says so.
 */
export function prefetchLab(): () => void {
  if (typeof requestIdleCallback === 'undefined') {
    const timer = setTimeout(fetchAll, UNTIL_IDLE_MS);
    return () => clearTimeout(timer);
  }
  const idle = requestIdleCallback(fetchAll);
  return () => cancelIdleCallback(idle);
}

const fetchAll = (): void => void Promise.allSettled([loadSocketIo(), import('../terminal/screen.ts')]);
