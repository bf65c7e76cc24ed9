import type { IncomingHttpHeaders } from 'node:http';
import { isIP, isIPv6 } from 'node:net';

const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);

export type OwnNamesOptions = {
  /** The address that this server is visited at; null where it was not told. */
  url: URL | null;
  /** Whether other machines reach it. */
  exposed: boolean;
};

/** The names and origins that are this server's own. */
export class OwnNames {
  readonly #url: URL | null;
  readonly #exposed: boolean;

  constructor({ url, exposed }: OwnNamesOptions) {
    this.#url = url;
    this.#exposed = exposed;
  }

  /**
   * Whether a request was sent to this server under a name of its own. Without that, any site whose name its owner
   * points at this machine would be of the same origin. Nobody can point an address anywhere.
   */
  isOwnHost({ host }: IncomingHttpHeaders): boolean {
    const hostname = URL.parse(`http://${host}`)?.hostname;
    if (hostname === undefined) return false;
    if (LOOPBACK_NAMES.has(hostname)) return true;
    if (this.#url !== null) return hostname === this.#url.hostname;
    return this.#exposed && isIP(hostname.replaceAll(/[[\]]/g, '')) !== 0;
  }

  /**
   * Whether a request comes from a page of this server, or from no page at all. Browsers name the page's origin
   * with every request that can change something and with every WebSocket; a program that is no browser names
   * none and carries nobody's cookie. The origin must be the address that this server was told, or else the host that the
   * request itself was sent to.
   */
  isSameOrigin(headers: IncomingHttpHeaders): boolean {
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
    if (headers.origin === undefined) return true;
    if (this.#url !== null) return headers.origin === this.#url.origin;
    const origin = URL.parse(headers.origin);
    if (origin === null || headers.host === undefined) return false;
    // Parsed with the origin's scheme, so that a port left out means the same in both.
    return URL.parse(`${origin.protocol}//${headers.host}`)?.host === origin.host;
  }

  /**
   * Where a page that was asked for at one of this machine's names is to be visited instead, without a path; null where
   * that is the same. A browser keeps cookies by name: an owner at localhost would be another at 127.0.0.1. Without an
   * address that was told, the port stays, for it may be another that is forwarded here.
   */
  rightAddress(headers: IncomingHttpHeaders, listening: string | undefined): string | null {
    const asked = URL.parse(`http://${headers.host}`);
    if (asked === null || !LOOPBACK_NAMES.has(asked.hostname)) return null;
    if (this.#url !== null) {
      // A proxy may well ask for this server by such a name.
      const isDirect = headers['x-forwarded-for'] === undefined && headers.forwarded === undefined;
      return isDirect && asked.hostname !== this.#url.hostname ? this.#url.origin : null;
    }
    const name = listening !== undefined && isIPv6(listening) ? `[${listening}]` : listening;
    if (name === undefined || name === asked.hostname || !LOOPBACK_NAMES.has(name)) return null;
    return `//${asked.host.replace(asked.hostname, name)}`;
  }

  /** The origin under which other machines reach this server, as far as a request to it tells; null where none does. */
  publicOrigin({ host }: IncomingHttpHeaders, secure: boolean): string | null {
    const url = this.#url ?? URL.parse(`${secure ? 'https' : 'http'}://${host}`);
    return url === null || LOOPBACK_NAMES.has(url.hostname) ? null : url.origin;
  }
}
