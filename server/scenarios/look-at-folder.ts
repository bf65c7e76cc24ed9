import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** As many as a scenario may have; of a folder that has more, the rest is not looked at. */
const MOST_ENTRIES = 2_000;

/** What a folder is made of, in a form that is another whenever something in it is, and the folders in it. */
export type Look = { readonly print: string; readonly folders: readonly string[] };

/** By folder. */
export type Looks = ReadonlyMap<string, Look>;

export async function lookAt(root: string): Promise<Look> {
  const folders = [root];
  const lines: string[] = [];
  for (const folder of folders) {
    // A folder may go while it is looked at; then it looks otherwise the next time.
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.name.startsWith('.') || lines.length === MOST_ENTRIES) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      const found = await stat(path, { bigint: true }).catch(() => null);
      lines.push(
        JSON.stringify([path, found && [found.ino, found.size, found.mtimeNs, found.ctimeNs].join()]),
      );
    }
  }
  return { print: lines.toSorted().join('\n'), folders };
}

export const sameLooks = (a: Looks, b: Looks): boolean =>
  a.size === b.size && [...a].every(([folder, { print }]) => b.get(folder)?.print === print);
