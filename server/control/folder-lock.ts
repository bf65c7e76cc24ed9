import { chmod, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile } from '../engines/file-lock.ts';
import { refuseFilesOfRoot } from '../engines/files-of-root.ts';

const LOCK_FILE = 'control.lock';

/** A cache folder that no other Drydock uses meanwhile. Disposing it lets others; so does this process's end. */
export type FolderLock = AsyncDisposable;

/**
 * Lock a cache folder, which is made where it is not there yet; null where another process holds it. The lock is the
 * kernel's, so that nothing of a process that was killed has to be recognised as stale.
 */
export async function lockFolder(folder: string): Promise<FolderLock | null> {
  await refuseFilesOfRoot(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // It holds learners' cookies and the engine's keys, also where somebody else has made it.
  await chmod(folder, 0o700);
  const file = await open(join(folder, LOCK_FILE), 'a', 0o600);
  try {
    if (!(await lockFile(file))) {
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
