import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exists } from './cached-folder.ts';
import { UserError } from './user-error.ts';

const GIB = 2 ** 30;

/** Bytes that are free where a folder is, or will be made. */
export async function freeDisk(folder: string): Promise<number> {
  if (!(await exists(folder)) && folder !== '/') return freeDisk(dirname(folder));
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Refuse to begin what would fill the disk half-way through. */
export async function requireDisk(folder: string, bytes: number, what: string): Promise<void> {
  const free = await freeDisk(folder);
  if (free >= bytes) return;
  const inGib = (amount: number) => `${(amount / GIB).toFixed(1)} GiB`;
  throw new UserError(
    `${what} takes ${inGib(bytes)} of disk, and ${inGib(free)} are free for ${folder}. Free some, or set DRYDOCK_CACHE to a folder on a larger disk.`,
  );
}

/** Whether what a program or an engine said is that its disk is full. */
export const saysDiskFull = (text: string): boolean =>
  /no space left on device|disk quota exceeded/i.test(text);
