import { isIPv6 } from 'node:net';
import { isOwnHost } from './same-origin.ts';

/**
 * The address under which a server is to be visited that was asked for as `host`, but listens at `address`; null
 * where that is the same. A browser keeps cookies by name: an owner at localhost would be another at 127.0.0.1.
 * The port stays, for it may be another that is forwarded here.
 */
export function ownAddress(host: string | undefined, address: string | undefined): string | null {
  const asked = URL.parse(`http://${host}`);
  const name = address !== undefined && isIPv6(address) ? `[${address}]` : address;
  if (asked === null || name === undefined || !isOwnHost({ host: name })) return null;
  return asked.hostname === name ? null : asked.host.replace(asked.hostname, name);
}
