export type IdleWatchOptions = {
  /** Milliseconds of quiet before `onIdle`, and of more quiet before `onLongIdle`; null for never. */
  idleAfter: number | null;
  longIdleAfter: number | null;
  onIdle: () => void;
  onLongIdle: () => void;
};

/** setTimeout takes no more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Tells when a session has been left alone: nobody looks at it, and nothing happens on its hosts. */
export class IdleWatch implements Disposable {
  readonly #options: IdleWatchOptions;
  #viewers = 0;
  #started = false;
  #quietSince = performance.now();
  #isIdle = false;
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: IdleWatchOptions) {
    this.#options = options;
  }

  /** Begin to wait, as if it had been quiet for so long already. */
  start(quietMs = 0): void {
    this.#started = true;
    this.#quietSince = performance.now() - quietMs;
    this.#wait();
  }

  /** So many look on from now on. */
  set viewers(viewers: number) {
    this.#viewers = viewers;
    this.active();
  }

  /** Whether it has been quiet for long enough. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Something has happened. */
  active(): void {
    this.#quietSince = performance.now();
    const wasWaiting = this.#timer !== undefined && !this.#isIdle;
    this.#isIdle = false;
    // A timer that is under way looks itself how long it has been quiet: output comes often.
    if (!wasWaiting || this.#viewers > 0) this.#wait();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { idleAfter, longIdleAfter } = this.#options;
    if (this.#disposed || !this.#started || this.#viewers > 0 || idleAfter === null) return;
    if (this.#isIdle && longIdleAfter === null) return;
    const quiet = performance.now() - this.#quietSince;
    const left = idleAfter + (this.#isIdle ? (longIdleAfter ?? 0) : 0) - quiet;
    if (left > 0) {
      this.#timer = setTimeout(() => this.#wait(), Math.min(left, LONGEST_TIMER_MS)).unref();
      return;
    }
    if (this.#isIdle) return this.#options.onLongIdle();
    this.#isIdle = true;
    this.#wait();
    this.#options.onIdle();
  }
}
