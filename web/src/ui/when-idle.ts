/** How long a browser that does not tell when it is idle is given to draw first, in milliseconds. */
const UNTIL_IDLE_MS = 200;

/** Act once the browser has nothing else to do, or after `limitMs`; gives a function that forgets it. */
export function whenIdle(act: () => void, limitMs?: number): () => void {
  if (typeof requestIdleCallback === 'undefined') {
    const timer = setTimeout(act, Math.min(UNTIL_IDLE_MS, limitMs ?? UNTIL_IDLE_MS));
    return () => clearTimeout(timer);
  }
  const idle = requestIdleCallback(act, limitMs === undefined ? {} : { timeout: limitMs });
  return () => cancelIdleCallback(idle);
}
