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
