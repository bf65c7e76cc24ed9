export type AbsenceOptions = {
  /** How long a learner may stay away, in milliseconds; null for ever. */
  grace: number | null;
  onTooLong: () => void;
};

/**
 * Tells when the learner of a lab that waits for a place has stayed away for too long: from the queue until they have seen
 * that it is their turn, as nobody else gets the place meanwhile.
 */
export class Absence implements Disposable {
  readonly #options: AbsenceOptions;
  #viewers = 0;
  #queued = false;
  /** It has waited, and its learner has not seen since that it waits no more. */
  #awaited = false;
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: AbsenceOptions) {
    this.#options = options;
  }

  /** So many look on from now on. */
  set viewers(viewers: number) {
    this.#viewers = viewers;
    this.#wait();
  }

  /** Whether it waits for a place now. */
  set queued(queued: boolean) {
    this.#queued = queued;
    this.#wait();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#stop();
  }

  #wait(): void {
    const isSeen = this.#viewers > 0;
    this.#awaited = this.#queued || (this.#awaited && !isSeen);
    const { grace, onTooLong } = this.#options;
    if (this.#disposed || grace === null || isSeen || !this.#awaited) return this.#stop();
    this.#timer ??= setTimeout(onTooLong, grace).unref();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
