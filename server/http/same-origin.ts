import type { IncomingHttpHeaders } from 'node:http';

const OWN_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Whether a request was sent to this server under a name of its own. Without that, any site whose name its owner
 * points at 127.0.0.1 would be of the same origin.
 */
export function isOwnHost(headers: IncomingHttpHeaders): boolean {
  const hostname = URL.parse(`http://${headers.host}`)?.hostname;
  return hostname !== undefined && OWN_NAMES.has(hostname);
}

/**
 * Whether a request comes from a page of this server, or from no page at all. Browsers name the page's origin
 * with every request that can change something and with every WebSocket; a program that is no browser names
 * none and carries nobody's cookie. The origin must be the host that the request itself was sent to.
 */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (headers.origin === undefined) return true;
  const origin = URL.parse(headers.origin);
  if (origin === null || headers.host === undefined) return false;
  // Parsed with the origin's scheme, so that a port left out means the same in both.
  return URL.parse(`${origin.protocol}//${headers.host}`)?.host === origin.host;
}
