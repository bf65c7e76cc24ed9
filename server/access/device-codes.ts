import { createHash } from 'node:crypto';
import { makeCode, plainCode } from './readable-code.ts';

/** How long a code is good for. */
export const DEVICE_CODE_MS = 10 * 60_000;

/** Codes by which an owner goes on in another browser: each good once, for ten minutes, the newest of an owner alone. */
export class DeviceCodes {
  /** Milliseconds of a clock that never goes back. */
  readonly #now: () => number;
  /** By digest, so that how long it takes to find one says nothing of it. */
  readonly #codes = new Map<string, { owner: string; until: number }>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A new code, of 50 bits; one that the owner was given before is of no use any more. */
  issue(owner: string): string {
    this.withdraw(owner);
    const code = makeCode(5, 5);
    this.#codes.set(digest(code), { owner, until: this.#now() + DEVICE_CODE_MS });
    return code;
  }

  /** The owner that a code is of, once; null where it is none, was used or is too old. */
  redeem(code: string): string | null {
    const key = digest(code);
    const found = this.#codes.get(key);
    this.#codes.delete(key);
    return found !== undefined && found.until > this.#now() ? found.owner : null;
  }

  /** Codes of an owner are of no use any more. */
  withdraw(owner: string): void {
    const now = this.#now();
    for (const [key, { owner: of, until }] of this.#codes) {
      if (of === owner || until <= now) this.#codes.delete(key);
    }
  }
}

const digest = (code: string): string => createHash('sha256').update(plainCode(code)).digest('hex');
