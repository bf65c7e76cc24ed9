import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port where somebody could listen now: the one given, or any. Rejects with the system's error, such as
 * EADDRINUSE, where nobody could.
 */
export async function freePort(wanted = { host: '127.0.0.1', port: 0 }): Promise<number> {
  const server = createServer().listen(wanted);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return address.port;
}
