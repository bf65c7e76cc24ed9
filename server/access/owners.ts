import { randomBytes } from 'node:crypto';
import { cookieName, readCookie, setCookie } from './cookies.ts';
import type { GenerationStore } from './generation-store.ts';
import type { Signer } from './signer.ts';

/** Whose a browser is. It is so until the owner signs it out, by raising the generation. */
export type Visitor = { owner: string; generation: number };

/** 128 random bits as base64url, and a generation. */
const VISITOR = /^([A-Za-z0-9_-]{22})\.(0|[1-9]\d{0,8})$/;
/** Browsers keep no cookie longer than 400 days. */
const MAX_AGE_SECONDS = 400 * 24 * 60 * 60;
const PURPOSE = 'owner';

/** For a browser that is nobody’s, or nobody’s any more. */
export const UNKNOWN_BROWSER = {
  en: 'This browser is not known here: it was signed out from another device, or keeps no cookies. Reload the page to begin anew.',
  'zh-CN': '这里不认识这个浏览器：它已在其他设备上被退出，或不保存 Cookie。请刷新页面重新开始。',
};

export type OwnersOptions = {
  signer: Signer;
  generations: GenerationStore;
  /** Whether browsers come by TLS alone. */
  secure: boolean;
};

/** Who the owners are, by the cookies that they were given. */
export class Owners {
  readonly #signer: Signer;
  readonly #generations: GenerationStore;
  readonly #secure: boolean;
  readonly #name: string;

  constructor({ signer, generations, secure }: OwnersOptions) {
    this.#signer = signer;
    this.#generations = generations;
    this.#secure = secure;
    this.#name = cookieName('owner', signer, secure);
  }

  /** Whose browser a Cookie header comes from; null where it names nobody, or nobody that this server has made. */
  read(cookieHeader: string | undefined): Visitor | null {
    const visitor = this.#named(cookieHeader);
    return visitor !== null && this.isCurrent(visitor) ? visitor : null;
  }

  /** Whether a Cookie header comes from a browser that was an owner's, who has signed it out. */
  isSignedOut(cookieHeader: string | undefined): boolean {
    const visitor = this.#named(cookieHeader);
    return visitor !== null && !this.isCurrent(visitor);
  }

  /** A new owner with the Set-Cookie header that makes a browser come back as them. */
  create(): { visitor: Visitor; setCookie: string } {
    const visitor = { owner: randomBytes(16).toString('base64url'), generation: 0 };
    return { visitor, setCookie: this.#cookieOf(visitor) };
  }

  /** The Set-Cookie header that makes another browser the owner's, too. */
  cookieFor(owner: string): string {
    return this.#cookieOf({ owner, generation: this.#generations.of(owner) });
  }

  /** From now on no browser is the owner's but the one that gets this Set-Cookie header. */
  signOutOthers(owner: string): string {
    const generation = this.#generations.raise(owner);
    return this.#cookieOf({ owner, generation });
  }

  /** Whether it has not been signed out. */
  isCurrent({ owner, generation }: Visitor): boolean {
    return generation === this.#generations.of(owner);
  }

  /** Whom it names, signed out or not. */
  #named(cookieHeader: string | undefined): Visitor | null {
    const text = this.#signer.open(PURPOSE, readCookie(cookieHeader, this.#name) ?? '');
    const [, owner, generation] = VISITOR.exec(text ?? '') ?? [];
    return owner === undefined ? null : { owner, generation: Number(generation) };
  }

  #cookieOf({ owner, generation }: Visitor): string {
    const value = this.#signer.sign(PURPOSE, `${owner}.${generation}`);
    return setCookie(this.#name, value, { secure: this.#secure, maxAge: MAX_AGE_SECONDS });
  }
}
