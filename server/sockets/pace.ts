export type PaceOptions = {
  /** Takes so many bytes from what is allowed; gives the milliseconds until they are. */
  owe: (bytes: number) => number;
  /** How many bytes may wait. */
  most: number;
};

/** Pieces that may wait, however few their bytes: each takes memory of its own. */
const MOST_PIECES = 4096;

type Waiting = { bytes: number; act: () => void };

/** Lets what a page types through as fast as is allowed, in its order. */
export class Pace {
  readonly #options: PaceOptions;
  readonly #waiting: Waiting[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Act now, or once what came before has acted and it is allowed; false, and never, where too much waits. */
  push(bytes: number, act: () => void): boolean {
    const isHeld = this.#timer !== undefined;
    const isFull = this.#bytes + bytes > this.#options.most || this.#waiting.length >= MOST_PIECES;
    if (isHeld && isFull) return false;
    this.#waiting.push({ bytes, act });
    this.#bytes += bytes;
    if (!isHeld) this.#go();
    return true;
  }

  /** Forget what waits. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
    this.#bytes = 0;
  }

  #go(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      // Before it acts: what it acts on may have room for no more than is allowed at once.
      const wait = this.#options.owe(next.bytes);
      if (wait > 0) {
        this.#timer = setTimeout(this.#actOn, wait, next);
        return;
      }
      this.#act(next);
    }
  }

  readonly #actOn = (next: Waiting): void => {
    this.#timer = undefined;
    this.#act(next);
    this.#go();
  };

  #act({ bytes, act }: Waiting): void {
    this.#bytes -= bytes;
    act();
  }
}
