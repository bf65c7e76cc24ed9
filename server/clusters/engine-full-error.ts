/** A cluster could not be made because the disk of its engine is full. */
export class EngineFullError extends Error {
  override name = 'EngineFullError';
}
