/** As far as the clocks may go apart before that is said. */
const TOLERANCE_MS = 1000;

/**
 * Tells when the clock on the wall has moved otherwise than time has passed: after the machine has slept, as a guest
 * does with it, or when its clock was set.
 */
export class ClockWatch {
  readonly #wall: () => number;
  readonly #steady: () => number;
  #offset: number;

  /** @param steady a clock that stands while the machine sleeps, as the guest's does; both are in milliseconds */
  constructor(wall: () => number = () => Date.now(), steady: () => number = () => performance.now()) {
    this.#wall = wall;
    this.#steady = steady;
    this.#offset = wall() - steady();
  }

  /** Whether it has, since the clocks were last taken for right. */
  get isOff(): boolean {
    return Math.abs(this.#wall() - this.#steady() - this.#offset) > TOLERANCE_MS;
  }

  /** What they show now is right. */
  set(): void {
    this.#offset = this.#wall() - this.#steady();
  }
}
