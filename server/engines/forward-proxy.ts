import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Proxies } from './proxies.ts';

/**
 * An HTTP proxy that listens on a Unix socket, for what has no network of its own. It reaches what this process
 * reaches, through the proxies that this machine fetches packages by. Disposing it ends its connections.
 */
export async function openForwardProxy(socket: string, proxies: Proxies): Promise<AsyncDisposable> {
  const server = http.createServer((incoming, outgoing) => {
    if (!incoming.url?.startsWith('http://') || !URL.canParse(incoming.url)) {
      outgoing.writeHead(400).end();
      return;
    }
    const target = new URL(incoming.url);
    const proxy = proxyFor(target, proxies);
    const { host: _, ...headers } = incoming.headers;
    const forwarded = ask(proxy ?? target, {
      method: incoming.method,
      path: proxy === null ? target.pathname + target.search : target.href,
      headers: { host: target.host, ...headers, ...credentials(proxy) },
    });
    forwarded.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => outgoing.destroy());
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  const tunnels = new Set<Duplex>();
  server.on('connect', ({ url = '' }: http.IncomingMessage, near: Duplex, head: Buffer) => {
    tunnels.add(near);
    near.on('error', () => near.destroy());
    near.on('close', () => tunnels.delete(near));
    openTunnel(url, proxies).then(
      (far) => {
        far.on('error', () => near.destroy());
        far.on('close', () => near.destroy());
        near.on('close', () => far.destroy());
        near.write('HTTP/1.1 200 OK\r\n\r\n');
        far.write(head);
        far.pipe(near);
        near.pipe(far);
      },
      () => near.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'),
    );
  });
  server.listen(socket);
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      for (const tunnel of tunnels) tunnel.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A connection to `host:port`, on which nothing has been said yet. */
async function openTunnel(authority: string, proxies: Proxies): Promise<Duplex> {
  const target = new URL(`https://${authority}`);
  const proxy = proxyFor(target, proxies);
  if (proxy === null) {
    const socket = connect(Number(target.port || 443), bareHost(target));
    await once(socket, 'connect');
    return socket;
  }
  const asked = ask(proxy, { method: 'CONNECT', path: authority, headers: credentials(proxy) });
  asked.end();
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  asked.on('connect', ({ statusCode }, socket) =>
    statusCode === 200 ? resolve(socket) : reject(new Error(`The proxy refused (${statusCode}).`)),
  );
  asked.on('response', ({ statusCode }) => reject(new Error(`The proxy refused (${statusCode}).`)));
  asked.on('error', reject);
  return promise;
}

/** The proxy that leads to an address; null where it is reached without. */
function proxyFor(target: URL, proxies: Proxies): URL | null {
  const without = (proxies['no_proxy'] ?? '').split(',').map((entry) => entry.trim().replace(/^\*?\./, ''));
  const { hostname } = target;
  const isNear = without.some(
    (entry) => entry === '*' || hostname === entry || hostname.endsWith(`.${entry}`),
  );
  const proxy = proxies[target.protocol === 'https:' ? 'https_proxy' : 'http_proxy'];
  return isNear || proxy === undefined ? null : new URL(proxy);
}

const ask = (to: URL, options: http.RequestOptions): http.ClientRequest =>
  (to.protocol === 'https:' ? https : http).request({
    host: bareHost(to),
    port: to.port || (to.protocol === 'https:' ? 443 : 80),
    ...options,
  });

const bareHost = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

function credentials(proxy: URL | null): http.OutgoingHttpHeaders {
  if (proxy === null || proxy.username === '') return {};
  const words = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(words).toString('base64')}` };
}
