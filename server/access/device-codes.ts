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
  /** The digest of each owner's code; those that end first come first, here as there. */
  readonly #keys = new Map<string, string>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A new code, of 50 bits; one that the owner was given before is of no use any more. */
  issue(owner: string): string {
    this.withdraw(owner);
    this.#dropOld();
    const code = makeCode(5, 5);
    const key = digest(code);
    this.#codes.set(key, { owner, until: this.#now() + DEVICE_CODE_MS });
    this.#keys.set(owner, key);
    return code;
  }

  /** The owner that a code is of, once; null where it is none, was used or is too old. */
  redeem(code: string): string | null {
    const key = digest(code);
    const found = this.#codes.get(key);
    if (found === undefined) return null;
    this.withdraw(found.owner);
    return found.until > this.#now() ? found.owner : null;
  }

  /** An owner's code is of no use any more. */
  withdraw(owner: string): void {
    const key = this.#keys.get(owner);
    if (key === undefined) return;
    this.#keys.delete(owner);
    this.#codes.delete(key);
  }

  #dropOld(): void {
    const now = this.#now();
    for (const { owner, until } of this.#codes.values()) {
      if (until > now) return;
      this.withdraw(owner);
    }
  }
}

const digest = (code: string): string => createHash('sha256').update(plainCode(code)).digest('hex');
