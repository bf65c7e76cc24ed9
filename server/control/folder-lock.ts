import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, open, readFile, type FileHandle } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { isSystemError } from '../engines/system-error.ts';
import { searchPath } from '../engines/search-path.ts';
import { UserError } from '../engines/user-error.ts';

const LOCK_FILE = 'control.lock';
/** The exit code of flock(1) where somebody else holds the lock. */
const HELD = 1;

/** A cache folder that no other Drydock uses meanwhile. Disposing it lets others; so does this process's end. */
export type FolderLock = AsyncDisposable;

/**
 * Lock a cache folder, which is made where it is not there yet; null where another process holds it. The lock is the
 * kernel's, so that nothing of a process that was killed has to be recognised as stale.
 */
export async function lockFolder(folder: string): Promise<FolderLock | null> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // It holds learners' cookies and the engine's keys, also where somebody else has made it.
  await chmod(folder, 0o700);
  const file = await open(join(folder, LOCK_FILE), 'a', 0o600);
  try {
    if (!(await lock(file))) {
      await file.close();
      return null;
    }
    await file.truncate();
    await file.write(`${process.pid}\n`);
    return { [Symbol.asyncDispose]: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The process that locked a folder last; null where none ever did. */
export async function lockHolder(folder: string): Promise<number | null> {
  const pid = Number(await readFile(join(folder, LOCK_FILE), 'utf8').catch(() => ''));
  return pid > 0 ? pid : null;
}

/** Such a lock belongs to the open file, which the program shares: it stays when the program has ended. */
async function lock(file: FileHandle): Promise<boolean> {
  const child = spawn('flock', ['-n', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', file.fd],
    env: { PATH: searchPath().join(delimiter) },
  });
  const [code] = await once(child, 'exit').catch((error: unknown) => {
    if (!isSystemError(error, 'ENOENT')) throw error;
    throw new UserError(
      'Drydock needs flock, which is in Debian’s util-linux. Install that package and start again.',
    );
  });
  if (code !== 0 && code !== HELD) throw new Error(`flock failed (${code}).`);
  return code === 0;
}
