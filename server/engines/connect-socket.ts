import { once } from 'node:events';
import { constants, open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { isSystemError } from './system-error.ts';

/**
 * A connection to a Unix socket in a folder; null where nobody listens. By way of the open folder: a socket's path may
 * have 107 characters at most, and the folder's may be longer.
 */
export async function connectSocket(folder: string, name: string): Promise<Socket | null> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  const socket = connect(`/proc/self/fd/${handle.fd}/${name}`);
  try {
    await once(socket, 'connect');
    // What breaks it is heard by its end.
    socket.on('error', () => undefined);
    return socket;
  } catch (error) {
    // Only these say that there is nobody: one who is too busy to take a connection, for instance, is there.
    if (isSystemError(error, 'ENOENT', 'ECONNREFUSED')) return null;
    throw error;
  } finally {
    await handle.close();
  }
}
