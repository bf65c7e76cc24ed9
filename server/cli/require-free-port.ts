import { once } from 'node:events';
import { createServer } from 'node:net';

/** Rejects with the system's error, such as EADDRINUSE, where nobody could listen now. */
export async function requireFreePort(address: { host: string; port: number }): Promise<void> {
  const server = createServer().listen(address);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}
