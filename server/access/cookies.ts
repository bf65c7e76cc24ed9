import { parseCookie, stringifySetCookie } from 'cookie';
import type { Signer } from './signer.ts';

/**
 * The name of a cookie of this server. Browsers keep cookies by host and not by port, so that of two servers on one machine
 * each would replace the other's; and with TLS, a site of a neighbouring name could set one, but for the prefix.
 */
export const cookieName = (what: string, signer: Signer, secure: boolean): string =>
  `${secure ? '__Host-' : ''}drydock_${what}_${signer.id}`;

export const readCookie = (header: string | undefined, name: string): string | undefined =>
  parseCookie(header ?? '')[name];

/** A Set-Cookie header: out of reach of scripts and of other sites. */
export const setCookie = (
  name: string,
  value: string,
  { secure, maxAge }: { secure: boolean; maxAge: number },
): string => stringifySetCookie({ name, value, httpOnly: true, sameSite: 'lax', path: '/', secure, maxAge });
