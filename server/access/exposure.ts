import { isLoopback, type Proxies } from './client-address.ts';

/** What was set of how the page is reached. */
export type SiteSettings = {
  /** The address or name that it listens on. */
  host: string;
  /** The address that it is visited at, with neither path nor query; null where that was not said. */
  url: URL | null;
  /** What visitors have to know; null where it is to be made up. */
  accessCode: string | null;
  operatorToken: string | null;
  /** Absolute paths of a certificate with its chain, and of its key. */
  tls: { cert: string; key: string } | null;
};

/** What follows from it. */
export type Exposure = {
  /** Whether other machines reach it, so that visitors have to be told from strangers. */
  exposed: boolean;
  /** Whether browsers come by TLS, ended here or before. */
  secure: boolean;
  proxies: Proxies;
};

export function exposureOf({ host, url, accessCode, tls }: SiteSettings): Exposure {
  const exposed = !isLoopback(host) || (url !== null && !isLoopback(url.hostname)) || accessCode !== null;
  const secure = tls !== null || url?.protocol === 'https:';
  return { exposed, secure, proxies: proxiesOf({ host, url, tls }) };
}

/** A proxy is there where somebody else ends TLS. Learners of the same network must not pass for one. */
function proxiesOf({ host, url, tls }: Pick<SiteSettings, 'host' | 'url' | 'tls'>): Proxies {
  if (url === null || tls !== null) return 'none';
  return url.protocol === 'https:' && !isLoopback(host) ? 'private' : 'loopback';
}
