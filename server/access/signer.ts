import { createHmac } from 'node:crypto';
import { isSameSecret } from './same-secret.ts';

/** Signs texts, so that they can be given to browsers and known again. */
export class Signer {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** What a server with this secret is told by among others at the same name, whose cookies browsers send it too. */
  get id(): string {
    return this.#mac('id', '').slice(0, 8).toString('hex');
  }

  /** The text with its signature, which is of no use for another purpose. */
  sign(purpose: string, text: string): string {
    return `${text}~${this.#mac(purpose, text).toString('base64url')}`;
  }

  /** The text that was signed for that purpose; null where it was not. */
  open(purpose: string, signed: string): string | null {
    const text = signed.slice(0, Math.max(0, signed.lastIndexOf('~')));
    return isSameSecret(signed, this.sign(purpose, text)) ? text : null;
  }

  #mac(purpose: string, text: string): Buffer {
    return createHmac('sha256', this.#secret)
      .update(JSON.stringify([purpose, text]))
      .digest();
  }
}
