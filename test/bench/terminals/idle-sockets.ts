import { setTimeout as wait } from 'node:timers/promises';
import { LabClient, openPageSocket, type PageSocket } from '../../support/lab-client.ts';
import { routes } from '../../../server/protocol/index.ts';
import { measured, type Row } from '../row.ts';
import type { PeerProcess } from '../peer-process.ts';
import { untilConnected } from './drydock-shell.ts';

const SOCKETS = 1000;
/** Within what the server lets one owner have, and one address open. */
const OF_OWNER = 10;
const AT_ONCE = 50;
const BETWEEN_MS = 2600;

/** What a server holds for a page that is open and does nothing. */
export async function idleSocketsRow(server: PeerProcess, say: (text: string) => void): Promise<Row> {
  say(`${SOCKETS} idle sockets`);
  // What is made for the first, once for all.
  const sockets: PageSocket[] = [await connectIdle(server.url, await cookieOf(server.url))];
  const before = await server.memory();
  while (sockets.length < SOCKETS) {
    const owners = await Promise.all(Array.from({ length: AT_ONCE / OF_OWNER }, () => cookieOf(server.url)));
    const pages = owners.flatMap((cookie) => Array.from({ length: OF_OWNER }, () => cookie));
    sockets.push(...(await Promise.all(pages.map((cookie) => connectIdle(server.url, cookie)))));
    await wait(BETWEEN_MS);
  }
  const grown = (await server.memory()) - before;
  for (const socket of sockets) socket.disconnect();
  return measured(`${SOCKETS} idle sockets, each`, 'KiB', [(grown * 1024) / sockets.length], 30);
}

async function cookieOf(url: string): Promise<string> {
  using visitor = new LabClient(url, 'desk');
  await visitor.request('GET', routes.scenarios());
  return visitor.cookie;
}

async function connectIdle(url: string, cookie: string): Promise<PageSocket> {
  const socket = openPageSocket(url, cookie, { auth: { scenario: 'desk' } });
  await untilConnected(socket);
  return socket;
}
