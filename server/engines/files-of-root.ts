import { statSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isRoot, ownName } from './as-root.ts';
import { UserError } from './user-error.ts';

/** How a user gets back what root has made among the user's own files. */
export const giveBack = (places: readonly string[]): string =>
  `Run this and start again:\n  sudo chown -R ${ownName()}: ${places.join(' ')}`;

/** Refuse to work in a user's folder in which something belongs to root, which the user could not change. */
export async function refuseFilesOfRoot(folder: string): Promise<void> {
  if (isRoot()) return;
  // The system makes that one in every file system of its own.
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => name !== 'lost+found');
  const owners = await Promise.all(
    [folder, ...names.map((name) => join(folder, name))].map(async (path) => ({
      path,
      // It may not be there, or not any more.
      uid: await lstat(path).then(
        ({ uid }) => uid,
        () => null,
      ),
    })),
  );
  const [first, ...others] = owners.filter(({ uid }) => uid === 0).map(({ path }) => path);
  if (first === undefined) return;
  throw new UserError(
    `Root has made files in ${folder}, which are to be yours. ${giveBack(first === folder ? [folder] : [first, ...others])}`,
  );
}

/** The part of a user's own files that a path is in and that belongs to root; null where it is no such path. */
export function partOfRoot(path: string): string | null {
  if (isRoot()) return null;
  const owner = ownerOf(path);
  if (owner === null) return dirname(path) === path ? null : partOfRoot(dirname(path));
  if (owner !== 0 || dirname(path) === path) return null;
  return ownerOf(dirname(path)) === 0 ? partOfRoot(dirname(path)) : path;
}

function ownerOf(path: string): number | null {
  try {
    return statSync(path).uid;
  } catch {
    // What is not there, or may not be looked at, belongs to whoever has the folder.
    return null;
  }
}
