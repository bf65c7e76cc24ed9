import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { clientAddress, type Proxies } from './client-address.ts';
import { DeviceCodes } from './device-codes.ts';
import { Door } from './door.ts';
import type { GenerationStore } from './generation-store.ts';
import { Guesses } from './guesses.ts';
import { OwnNames } from './own-names.ts';
import { Owners } from './owners.ts';
import { isSameSecret } from './same-secret.ts';
import { Signer } from './signer.ts';

export type AccessOptions = {
  /** What cookies are signed with. */
  secret: string;
  /** What opens the operator's routes. */
  operatorToken: string;
  /** What visitors have to know; null where anybody who reaches the server may use it. */
  code: string | null;
  url: URL | null;
  exposed: boolean;
  secure: boolean;
  proxies: Proxies;
  generations: GenerationStore;
};

/** Who may do what here, told by what their requests carry. It knows neither labs nor transports. */
export class Access {
  readonly names: OwnNames;
  readonly door: Door;
  readonly owners: Owners;
  readonly deviceCodes = new DeviceCodes();
  /** Guards the access code, the devices' codes and the operator's token. */
  readonly guesses = { code: new Guesses(), device: new Guesses(), token: new Guesses() } as const;
  readonly secure: boolean;
  readonly #operatorToken: string;
  readonly #proxies: Proxies;

  constructor({ secret, operatorToken, code, url, exposed, secure, proxies, generations }: AccessOptions) {
    const signer = new Signer(secret);
    this.names = new OwnNames({ url, exposed });
    this.door = new Door({ code, signer, secure });
    this.owners = new Owners({ signer, generations, secure });
    this.secure = secure;
    this.#operatorToken = operatorToken;
    this.#proxies = proxies;
  }

  /** Whether a request carries the operator's token. */
  isOperator({ authorization }: IncomingHttpHeaders): boolean {
    return isSameSecret(authorization ?? '', `Bearer ${this.#operatorToken}`);
  }

  /** What requests of one client are counted by. */
  addressOf(request: Pick<IncomingMessage, 'headers' | 'socket'>): string {
    return clientAddress(request, this.#proxies);
  }
}
