/** The Docker engine inside a host did not answer as it should. Says nothing of the learner's work. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly host: string;

  constructor(host: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.host = host;
  }
}
