/** The places that an engine has for clusters, counted. */
export class Places {
  readonly #capacity: number;
  #taken: number;

  constructor(capacity: number, taken: number) {
    this.#capacity = capacity;
    this.#taken = taken;
  }

  /** Null where there is none left. Disposing it gives it back. */
  take(): Disposable | null {
    if (this.#taken >= this.#capacity) return null;
    this.#taken += 1;
    return { [Symbol.dispose]: () => void (this.#taken -= 1) };
  }
}
