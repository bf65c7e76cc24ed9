import { createHash, randomBytes } from 'node:crypto';
import { cookieName, readCookie, setCookie } from './cookies.ts';
import { plainCode } from './readable-code.ts';
import { isSameSecret } from './same-secret.ts';
import type { Signer } from './signer.ts';

const MAX_AGE_SECONDS = 30 * 24 * 60 * 60;

export type DoorOptions = {
  /** What whoever comes has to know; null where anybody may come, as only this machine can. */
  code: string | null;
  signer: Signer;
  secure: boolean;
};

/** Lets those in who know the access code, and knows them again by a cookie, until another code is set. */
export class Door {
  readonly #code: string | null;
  readonly #signer: Signer;
  readonly #secure: boolean;
  readonly #name: string;
  readonly #purpose: string;

  constructor({ code, signer, secure }: DoorOptions) {
    this.#code = code === null ? null : plainCode(code);
    this.#signer = signer;
    this.#secure = secure;
    this.#name = cookieName('access', signer, secure);
    this.#purpose = `access ${createHash('sha256')
      .update(this.#code ?? '')
      .digest('hex')}`;
  }

  /** Whether a browser with this Cookie header may come in. */
  admits(cookieHeader: string | undefined): boolean {
    if (this.#code === null) return true;
    const given = this.#signer.open(this.#purpose, readCookie(cookieHeader, this.#name) ?? '');
    return given !== null && Number(given.split('.')[0]) + MAX_AGE_SECONDS > nowSeconds();
  }

  /** The Set-Cookie header that lets a browser in which knows the code; null where it does not. */
  try(code: string): string | null {
    return this.#code !== null && isSameSecret(plainCode(code), this.#code) ? this.letIn() : null;
  }

  /** The same for one that is known otherwise. */
  letIn(): string {
    const text = `${nowSeconds()}.${randomBytes(9).toString('base64url')}`;
    const value = this.#signer.sign(this.#purpose, text);
    return setCookie(this.#name, value, { secure: this.#secure, maxAge: MAX_AGE_SECONDS });
  }
}

const nowSeconds = (): number => Math.floor(Date.now() / 1000);
