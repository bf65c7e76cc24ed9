/** How long a browser that does not tell when it is idle is given to draw first, in milliseconds. */
const UNTIL_IDLE_MS = 200;

/** Act once the browser has nothing else to do, or after `timeout`; gives a function that forgets it. */
export function whenIdle(act: () => void, options: IdleRequestOptions = {}): () => void {
  if (typeof requestIdleCallback === 'undefined') {
    const timer = setTimeout(act, UNTIL_IDLE_MS);
    return () => clearTimeout(timer);
  }
  const idle = requestIdleCallback(act, options);
  return () => cancelIdleCallback(idle);
}
