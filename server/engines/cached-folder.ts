import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, readlink, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile } from './file-lock.ts';
import { isWhole, recordFiles } from './folder-record.ts';
import { removeTree } from './remove-tree.ts';

/**
 * A folder that is made once from its inputs and found again by them. It is built beside its place and moved
 * there whole, so that what was cut off half-way is never taken for finished; older versions are removed.
 * Of several who want the same folder at once, one makes it and the others wait and find it.
 *
 * @param name what it is, for instance `guest`; one version of each name is kept
 * @param inputs everything that its content depends on
 * @param build fills the empty folder that it is given
 * @param signal ends the waiting for others; `build` sees to itself
 * @param files those that it is of no use without: where one of them is not as it was, it is made anew
 * @returns the finished folder's path
 */
export async function cachedFolder(
  cache: string,
  name: string,
  inputs: readonly string[],
  build: (folder: string) => Promise<void>,
  signal: AbortSignal,
  files: readonly string[] = [],
): Promise<string> {
  const final = cachedPath(cache, name, inputs);
  if (await isWhole(final)) return final;
  await mkdir(cache, { recursive: true });
  const lock = await open(join(cache, `${name}.lock`), 'a', 0o600);
  try {
    await lockFile(lock, { signal });
    if (await isWhole(final)) return final;
    await make(final, cache, name, async (folder) => {
      await build(folder);
      await recordFiles(folder, files);
      // One that is spoilt.
      await removeTree(final);
    });
    return final;
  } finally {
    await lock.close();
  }
}

async function make(
  final: string,
  cache: string,
  name: string,
  build: (folder: string) => Promise<void>,
): Promise<void> {
  await removeAbandoned(cache, name);
  const partial = `${final}.partial-${randomBytes(4).toString('hex')}-${process.pid}`;
  await mkdir(partial);
  try {
    await build(partial);
    await rename(partial, final);
  } finally {
    await removeTree(partial);
  }
  const version = new RegExp(`^${name}-[0-9a-f]{16}$`);
  const others = (await readdir(cache)).filter(
    (entry) => version.test(entry) && join(cache, entry) !== final,
  );
  await Promise.all(others.map((entry) => removeTree(join(cache, entry))));
}

/** Remove what processes that are gone have left half-made; their number is the end of its name. */
export async function removeAbandoned(cache: string, name: string): Promise<void> {
  const entries = await readdir(cache).catch(() => []);
  const abandoned = entries.filter((entry) => entry.startsWith(`${name}-`) && isAbandoned(entry));
  await Promise.all(abandoned.map((entry) => removeTree(join(cache, entry))));
}

/** Whether an entry of a cache is half-made by a process that has gone. */
export function isAbandoned(entry: string): boolean {
  const pid = /-(\d+)$/.exec(entry)?.[1];
  return pid !== undefined && entry.includes('.') && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and is somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Where such a folder is, or will be. */
export function cachedPath(cache: string, name: string, inputs: readonly string[]): string {
  return join(cache, `${name}-${digest(inputs)}`);
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** A short name for a list of texts: 16 hexadecimal digits of their SHA-256, sensitive to their borders. */
export function digest(texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 16);
}

/** A digest of all files below a folder: their paths, modes and contents. */
export async function digestOfFolder(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const parts = await Promise.all(
    entries
      .filter((entry) => !entry.isDirectory())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        if (entry.isSymbolicLink()) return [path.slice(folder.length), 'link', await readlink(path)];
        const { mode } = await stat(path);
        return [path.slice(folder.length), mode.toString(8), (await readFile(path)).toString('base64')];
      }),
  );
  return digest(parts.map((part) => part.join('\n')).toSorted());
}
