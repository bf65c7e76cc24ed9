import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { searchPath } from './search-path.ts';
import { isSystemError } from './system-error.ts';
import { UserError } from './user-error.ts';

/** The exit code of flock(1) where somebody else holds the lock. */
const HELD = 1;

/**
 * Take the kernel's lock of an open file, which lasts until the file is closed, if only by this process's end. Where
 * somebody else holds it: false, or with a signal, once they have let go of it; rejects with the signal's reason.
 */
export async function lockFile(
  file: FileHandle,
  waiting: { signal: AbortSignal } | null = null,
): Promise<boolean> {
  waiting?.signal.throwIfAborted();
  // Such a lock belongs to the open file, which the program shares: it stays when the program has ended.
  const child = spawn('flock', [...(waiting === null ? ['-n'] : []), '3'], {
    stdio: ['ignore', 'ignore', 'ignore', file.fd],
    env: { PATH: searchPath().join(delimiter) },
  });
  const stop = () => child.kill();
  waiting?.signal.addEventListener('abort', stop, { once: true });
  const [code] = await once(child, 'exit').catch((error: unknown) => {
    if (!isSystemError(error, 'ENOENT')) throw error;
    throw new UserError(
      'Drydock needs flock, which is in Debian’s util-linux. Install that package and start again.',
    );
  });
  waiting?.signal.removeEventListener('abort', stop);
  waiting?.signal.throwIfAborted();
  if (code !== 0 && code !== HELD) throw new Error(`flock failed (${code}).`);
  return code === 0;
}
