/** A connection could not even be tried: that says nothing of what it was to lead to. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
}
