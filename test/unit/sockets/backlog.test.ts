import { once } from 'node:events';
import { createServer, request, type ClientRequest } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { io } from 'socket.io-client';
import { expect, it } from 'vitest';
import { Backlog } from '../../../server/sockets/backlog.ts';
import { listen } from '../../support/listen.ts';
import { rawRequest } from '../../support/raw-request.ts';
import { stopReading } from '../../support/stop-reading.ts';
import { Signal } from '../../support/signal.ts';

const MIB = 1024 * 1024;
const MOST = 4 * MIB;
const PIECE = Buffer.alloc(256 * 1024, 'x');

/** A server whose pages are sent what a test says. */
async function startServer() {
  const http = createServer();
  const changed = new Signal();
  const opened = new Set<TcpSocket>();
  http.on('connection', (socket: TcpSocket) => {
    opened.add(socket);
    socket.on('close', () => {
      opened.delete(socket);
      changed.notify();
    });
  });
  const server = new Server(http, { perMessageDeflate: false });
  let backlog: Backlog | undefined;
  let page: Socket | undefined;
  let cuts = 0;
  server.engine.on('connection', (connection: Socket['conn']) => {
    const onTooMuch = () => void cuts++;
    backlog = new Backlog(connection, { most: MOST, mostOfLeft: MIB, onTooMuch });
  });
  server.on('connection', (socket) => {
    page = socket;
    socket.on('disconnect', () => backlog?.left());
    changed.notify();
  });
  const { port } = await listen(http);
  return {
    url: `http://127.0.0.1:${port}`,
    cuts: () => cuts,
    /** Its one page, and what waits for it. */
    page: async () => {
      await changed.until(() => page !== undefined);
      if (page === undefined || backlog === undefined) throw new Error('nobody has connected');
      return { page, backlog };
    },
    /** Resolves when the system has no connection any more. */
    untilGone: () => changed.until(() => opened.size === 0),
    async [Symbol.asyncDispose]() {
      for (const socket of opened) socket.destroy();
      await server.close();
    },
  };
}

function openPage(url: string, transport: 'websocket' | 'polling') {
  const socket = io(url, { transports: [transport], forceNew: true, reconnection: false });
  return Object.assign(socket, { [Symbol.dispose]: () => void socket.disconnect() });
}

/** Let something be sent, piece by piece, until there is as much as is wanted. */
async function sendUntil(enough: () => boolean, page: Socket): Promise<void> {
  while (!enough()) {
    page.emit('piece', PIECE);
    await new Promise(setImmediate);
  }
}

it.each(['websocket', 'polling'] as const)(
  'of a page that reads by %s is never too much, however much it is sent',
  async (transport) => {
    await using server = await startServer();
    using client = openPage(server.url, transport);
    client.on('piece', (_piece, ack: () => void) => ack());
    const { page, backlog } = await server.page();
    for (let round = 0; round < 3; round++) {
      await Promise.all(Array.from({ length: 10 }, () => page.emitWithAck('piece', PIECE)));
    }
    expect(server.cuts()).toBe(0);
    expect(backlog.bytes).toBeLessThan(PIECE.byteLength);
  },
);

it('that a page does not read is cut off with the page, and logged once', async () => {
  await using server = await startServer();
  using client = openPage(server.url, 'websocket');
  const { page, backlog } = await server.page();
  stopReading(client);
  await sendUntil(() => page.disconnected, page);
  await server.untilGone();
  expect(server.cuts()).toBe(1);
  expect(backlog.bytes).toBeLessThan(MOST + 2 * PIECE.byteLength);
});

it('that polls over ever more connections, and reads none of them, counts as much', async () => {
  await using server = await startServer();
  const polling = `${server.url}/socket.io/?EIO=4&transport=polling`;
  const { body } = await rawRequest(polling);
  const { sid }: { sid: string } = JSON.parse(body.slice(1));
  await rawRequest(`${polling}&sid=${sid}`, { method: 'POST', body: '40' });
  const { page } = await server.page();
  const asked: ClientRequest[] = [];
  while (page.connected) {
    // Nearly as much as may wait: the system takes some of each answer, which nobody reads.
    for (let sent = 0; sent < 14; sent++) page.emit('piece', PIECE);
    const poll = request(`${polling}&sid=${sid}`, { agent: false });
    poll.on('error', () => undefined).end();
    asked.push(poll);
    await once(poll, 'response');
  }
  await server.untilGone();
  expect(server.cuts()).toBe(1);
  for (const poll of asked) poll.destroy();
});

it('is not kept for a page that has left', async () => {
  await using server = await startServer();
  using client = openPage(server.url, 'websocket');
  const { page, backlog } = await server.page();
  stopReading(client);
  await sendUntil(() => backlog.bytes > 2 * MIB, page);
  expect(page.connected).toBe(true);
  client.io.engine.write('1');
  await server.untilGone();
  expect(server.cuts()).toBe(0);
});
