import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type RequestListener } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { openForwardProxy } from '../../../server/engines/forward-proxy.ts';
import type { Proxies } from '../../../server/engines/proxies.ts';
import { listen } from '../../support/listen.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let owned = new AsyncDisposableStack();
afterEach(async () => {
  await owned.disposeAsync();
  owned = new AsyncDisposableStack();
});

/** Somebody on the network: a web server, or a proxy. */
async function server(listener: RequestListener) {
  const made = createServer(listener);
  const { port } = owned.use(await listen(made));
  return { made, address: `127.0.0.1:${port}` };
}

/** The socket of a proxy on a machine with such proxies. */
async function proxy(proxies: Proxies = {}): Promise<string> {
  const folder = owned.use(await temporaryFolder());
  const socket = join(folder.path, 'proxy.sock');
  owned.use(await openForwardProxy(socket, proxies));
  return socket;
}

async function get(socketPath: string, path: string) {
  const asked = request({ socketPath, path, headers: { host: new URL(path).host } });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  asked.on('response', resolve).on('error', reject);
  asked.end();
  const answer = await promise;
  return { status: answer.statusCode, body: await text(answer) };
}

/** What comes back by a tunnel to a server that repeats what it is sent; null where no tunnel is opened. */
async function echoed(socket: string, authority: string): Promise<string | null> {
  const near = connect(socket);
  near.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  const [greeting] = await once(near, 'data');
  if (!String(greeting).startsWith('HTTP/1.1 200 ')) return null;
  near.end('hello');
  return text(near);
}

describe('the proxy for what has no network of its own', () => {
  it('fetches what this machine reaches, and tells what the other end says', async () => {
    const web = await server(({ url, headers }, answer) => {
      answer.writeHead(url === '/there' ? 200 : 404).end(`${url} of ${headers.host}`);
    });
    const socket = await proxy();
    expect(await get(socket, `http://${web.address}/there`)).toEqual({
      status: 200,
      body: `/there of ${web.address}`,
    });
    expect((await get(socket, `http://${web.address}/missing`)).status).toBe(404);
  });

  it('says so where nobody answers', async () => {
    const socket = await proxy();
    expect((await get(socket, 'http://127.0.0.1:1/')).status).toBe(502);
    expect(await echoed(socket, '127.0.0.1:1')).toBeNull();
  });

  it('lets bytes through to a port, as https takes it', async () => {
    const echo = createTcpServer({ allowHalfOpen: true }, (near) => near.pipe(near));
    const { port } = owned.use(await listen(echo));
    expect(await echoed(await proxy(), `127.0.0.1:${port}`)).toBe('hello');
  });

  it('asks the proxy of this machine, with its name and password, and not for addresses that need none', async () => {
    const asked: string[] = [];
    const upstream = await server(({ url, headers }, answer) => {
      asked.push(`${url} ${headers['proxy-authorization']}`);
      answer.end('by the proxy');
    });
    upstream.made.on('connect', ({ url }: IncomingMessage, near) => {
      asked.push(`CONNECT ${url}`);
      near.write('HTTP/1.1 200 OK\r\n\r\n');
      near.pipe(near);
    });
    const web = await server((_, answer) => answer.end('direct'));
    const http_proxy = `http://ada:secret@${upstream.address}`;
    const socket = await proxy({ http_proxy, https_proxy: http_proxy, no_proxy: 'localhost, 127.0.0.1' });
    expect((await get(socket, 'http://mirror.example/debian')).body).toBe('by the proxy');
    expect(await echoed(socket, 'mirror.example:443')).toBe('hello');
    expect((await get(socket, `http://${web.address}/`)).body).toBe('direct');
    const words = Buffer.from('ada:secret').toString('base64');
    expect(asked).toEqual([`http://mirror.example/debian Basic ${words}`, 'CONNECT mirror.example:443']);
  });
});
