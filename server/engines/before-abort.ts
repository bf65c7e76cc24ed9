/** What is awaited, or the abort's reason where that comes first: for what does not heed a signal by itself. */
export async function beforeAbort<T>(signal: AbortSignal, awaited: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([aborted, awaited]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Aborts, in words, when an engine has had so long to answer. */
export function answerLimit(limitMs: number): AbortSignal {
  const late = new AbortController();
  const reason = new Error(`The engine gave no answer within ${Math.round(limitMs / 1000)} seconds.`);
  setTimeout(() => late.abort(reason), limitMs).unref();
  return late.signal;
}
