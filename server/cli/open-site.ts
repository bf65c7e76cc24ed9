import { stat } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Access } from '../access/access.ts';
import { readCertificate, type Certificate } from '../access/certificate.ts';
import { exposureOf, type SiteSettings } from '../access/exposure.ts';
import { openGenerations } from '../access/generation-store.ts';
import { isRandomSecret, keptSecret, randomSecret } from '../access/kept-secret.ts';
import { makeCode, plainCode } from '../access/readable-code.ts';

/** How often a certificate is looked at, which may have been renewed. */
const RENEWAL_MS = 60_000;

/** How the page is reached, and by whom. Disposing it lets go of what it holds open. */
export interface Site extends AsyncDisposable {
  readonly access: Access;
  readonly certificate: Certificate | null;
  /** The address to visit, of a server that listens at `bound`. */
  visitUrl(bound: string): string;
  /** What whoever starts the server has to know of it, a line each; none where nobody else reaches it. */
  words(bound: string): string[];
  /** Tell `renew` of every new certificate that is put in the place of the one that was read. */
  watchCertificate(renew: (certificate: Certificate) => void): void;
}

/** Read or make what guards the page. What is made is kept in the cache folder, readable by its owner alone. */
export async function openSite(cache: string, settings: SiteSettings, log: Logger): Promise<Site> {
  const { url, tls } = settings;
  const { exposed, secure, proxies } = exposureOf(settings);
  const certificate = tls === null ? null : await readCertificate(tls, url);
  const tokenFile = join(cache, 'operator-token');
  const code = exposed ? (settings.accessCode ?? (await keptCode(join(cache, 'access-code')))) : null;
  const secret = await keptSecret(join(cache, 'cookie-secret'), randomSecret, isRandomSecret);
  const operatorToken = settings.operatorToken ?? (await keptSecret(tokenFile, randomSecret, isRandomSecret));
  await using owned = new AsyncDisposableStack();
  const generations = owned.use(openGenerations(join(cache, 'owners.db')));
  const access = new Access({ secret, operatorToken, code, url, exposed, secure, proxies, generations });
  const held = owned.move();
  const visitUrls = (bound: string) => (url === null ? reachable(bound) : [url.origin]);
  return {
    access,
    certificate,
    visitUrl: (bound) => visitUrls(bound)[0] ?? bound,
    words(bound) {
      if (code === null) return [];
      const links = visitUrls(bound).map((each) => `${each}/#${encodeURIComponent(code)}`);
      return [
        `Visitors are asked for the access code ${code}. With it in the link: ${links.join(' or ')}`,
        ...(secure ? [] : [PLAIN]),
        settings.operatorToken === null
          ? `For /metrics and /api/admin, the operator’s token is in ${tokenFile}.`
          : 'For /metrics and /api/admin, the operator’s token is that of DRYDOCK_OPERATOR_TOKEN.',
      ];
    },
    watchCertificate(renew) {
      if (tls === null) return;
      const changed = changesOf([tls.cert, tls.key]);
      const look = async (): Promise<void> => {
        try {
          if (!(await changed())) return;
          renew(await readCertificate(tls, url));
          log.info('certificate read again');
        } catch (error) {
          log.error({ err: error }, 'the new certificate is of no use; the one before is kept');
        }
      };
      const timer = setInterval(() => void look(), RENEWAL_MS);
      held.defer(() => clearInterval(timer));
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

const PLAIN =
  'Without TLS, whoever is on the network can read that, and what learners type. Set DRYDOCK_TLS_CERT and DRYDOCK_TLS_KEY, or put a proxy with TLS in front and set DRYDOCK_URL.';

const keptCode = (file: string): Promise<string> =>
  keptSecret(
    file,
    () => makeCode(4, 4, 4),
    (text) => plainCode(text).length >= 8,
  );

/** Whether any of the files is another than when this was asked last. */
function changesOf(files: readonly string[]): () => Promise<boolean> {
  const stamps = () => Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  let known = stamps().catch(() => null);
  return async () => {
    const [before, now] = [await known, await stamps()];
    known = Promise.resolve(now);
    return before?.join() !== now.join();
  };
}

/** The addresses under which others reach what listens at `bound`; that itself, where it is one of them. */
function reachable(bound: string): string[] {
  const { protocol, hostname, port } = new URL(bound);
  if (hostname !== '0.0.0.0' && hostname !== '[::]') return [bound];
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => `${protocol}//${address}:${port}`);
  return own.length > 0 ? own : [bound];
}
