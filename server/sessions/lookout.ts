/** Something happened: what comes with it has most often come by then. */
const QUIET_MS = 400;
/** Where nothing happens that anybody is told of, a learner's file for instance, it is looked at so often. */
export const POLL_MS = 60_000;
/** Looks are at least so far apart … */
const GAP_MS = 2_000;
/** … and take no more than one part in so many of the time. */
const SHARE = 10;

/**
 * When to look at a lab without being asked: soon after something has happened, and now and then anyway; never twice at
 * once.
 */
export class Lookout implements Disposable {
  readonly #look: (signal: AbortSignal) => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  /** When the next look is to begin. */
  #due = Infinity;
  #running: AbortController | null = null;
  #held = 0;
  #again = false;
  #disposed = false;
  /** No look begins before. */
  #free = 0;

  /** @param look must not reject; what it finds after `signal` is aborted is nobody's */
  constructor(look: (signal: AbortSignal) => Promise<void>) {
    this.#look = look;
  }

  /** Something has happened. */
  touch(): void {
    this.#again = true;
    if (this.#running === null) this.#schedule(Math.max(QUIET_MS, this.#free - performance.now()));
  }

  /** Do something during which nobody looks; a look under way is given up. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    this.#held += 1;
    this.#running?.abort();
    clearTimeout(this.#timer);
    this.#due = Infinity;
    try {
      return await work();
    } finally {
      this.#held -= 1;
      this.touch();
    }
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#running?.abort();
  }

  #schedule(milliseconds: number): void {
    const due = performance.now() + milliseconds;
    // What comes later never puts a look off, however much of it there is.
    if (this.#disposed || this.#held > 0 || this.#due <= due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => void this.#run(), milliseconds);
    // Nobody waits for a look.
    this.#timer.unref();
  }

  async #run(): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    this.#due = Infinity;
    this.#again = false;
    const began = performance.now();
    try {
      await this.#look(running.signal);
    } finally {
      const ended = performance.now();
      this.#free = ended + Math.max(GAP_MS, SHARE * (ended - began));
      this.#running = null;
      this.#schedule(this.#again ? this.#free - ended : POLL_MS);
    }
  }
}
