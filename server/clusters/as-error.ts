/** What was thrown, or what a signal was aborted for, where an Error is wanted. */
export const asError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new Error(String(reason));
