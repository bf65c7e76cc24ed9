/** Notes how often something has ended, to tell bad luck from something that will not run. */
export class RepeatedEnds {
  readonly #limit: number;
  readonly #withinMs: number;
  readonly #now: () => number;
  #ends: number[] = [];

  /** @param limit so many ends within `withinMs` are too many */
  constructor(limit: number, withinMs: number, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#withinMs = withinMs;
    this.#now = now;
  }

  /** Note another end; returns whether there have been too many. */
  note(): boolean {
    const now = this.#now();
    this.#ends = [...this.#ends.filter((at) => now - at < this.#withinMs), now];
    return this.#ends.length >= this.#limit;
  }
}
