export type Allowance = {
  /** How much can be taken at once. */
  burst: number;
  /** How much comes back each second, up to that. */
  perSecond: number;
};

/** Beyond so many names, those that came first are forgotten: a flood of names must not fill the memory. */
const NAMES = 10_000;

/** How much each of many, by name, may still take. */
export class Budget {
  readonly #allowance: Allowance;
  /** Milliseconds of a clock that never goes back. */
  readonly #now: () => number;
  readonly #left = new Map<string, { amount: number; at: number }>();

  constructor(allowance: Allowance, now: () => number = () => performance.now()) {
    this.#allowance = allowance;
    this.#now = now;
  }

  /** Whether `amount` could be taken now. */
  has(name: string, amount = 1): boolean {
    return this.#amount(name) >= amount;
  }

  /** Take `amount` where there is so much. */
  take(name: string, amount = 1): boolean {
    const left = this.#amount(name);
    if (left < amount) return false;
    this.#keep(name, left - amount);
    return true;
  }

  /** Take `amount`, whether there is so much or not; the milliseconds until what was taken too much has come back. */
  owe(name: string, amount: number): number {
    const left = this.#amount(name) - amount;
    this.#keep(name, left);
    return left >= 0 ? 0 : Math.ceil((-left / this.#allowance.perSecond) * 1000);
  }

  #amount(name: string): number {
    const { burst, perSecond } = this.#allowance;
    const kept = this.#left.get(name);
    if (kept === undefined) return burst;
    return Math.min(burst, kept.amount + ((this.#now() - kept.at) / 1000) * perSecond);
  }

  #keep(name: string, amount: number): void {
    this.#left.delete(name);
    this.#left.set(name, { amount, at: this.#now() });
    if (this.#left.size <= NAMES) return;
    const [oldest] = this.#left.keys();
    if (oldest !== undefined) this.#left.delete(oldest);
  }
}
