import { once } from 'node:events';
import type { Server } from 'node:net';

/** A server that listens. Disposing it closes it. */
export interface Listening extends AsyncDisposable {
  /** The port of 127.0.0.1; 0 on a Unix socket. */
  readonly port: number;
}

/** Let a server listen on a free port of 127.0.0.1, or on a Unix socket. */
export async function listen(server: Server, socketPath?: string): Promise<Listening> {
  if (socketPath === undefined) server.listen(0, '127.0.0.1');
  else server.listen(socketPath);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: address === null || typeof address === 'string' ? 0 : address.port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}
