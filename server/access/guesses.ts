import { Budget } from './budget.ts';

/**
 * How many wrong answers one address may give. A class may be behind one address, and some of it will mistype; at three
 * a minute, nobody finds a code of 50 bits.
 */
const GUESSES = { burst: 30, perSecond: 3 / 60 } as const;

export type Guessed<T> = { outcome: 'right'; value: T } | { outcome: 'wrong' } | { outcome: 'too-many' };

/** Guards what is known by a secret against guessing. */
export class Guesses {
  readonly #budget = new Budget(GUESSES);

  /** Try an answer, where the address may still give a wrong one. `answer` gives null where it is wrong. */
  try<T>(address: string, answer: () => T | null): Guessed<T> {
    if (!this.#budget.has(address)) return { outcome: 'too-many' };
    const value = answer();
    if (value !== null) return { outcome: 'right', value };
    this.#budget.take(address);
    return { outcome: 'wrong' };
  }
}
