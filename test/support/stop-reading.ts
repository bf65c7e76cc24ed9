import { Socket as TcpSocket } from 'node:net';
import type { Socket } from 'socket.io-client';

/** Read no more from a page's connection, a websocket, which goes on taking what the page says. */
export function stopReading(page: Pick<Socket, 'io'>): void {
  // In Node.js a websocket is one of ws's, which has its connection here.
  const connection = ['transport', 'ws', '_socket'].reduce<unknown>(
    (object, name) => Reflect.get(Object(object), name),
    page.io.engine,
  );
  if (!(connection instanceof TcpSocket)) throw new TypeError('This is no websocket of ws.');
  connection.pause();
}
