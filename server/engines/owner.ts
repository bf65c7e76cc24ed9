import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from './system-error.ts';

/** The label that everything made on an engine carries, with the owner that it was made for. */
export const OWNER_LABEL = 'drydock.owner';

/** Other names may come from a label or a file that somebody wrote by hand. */
const OWNER = /^[0-9a-f]{12}$/;

/**
 * The Drydock that a cache folder is of, as engines know it: several may share one engine, and none may touch what is
 * another's. Made at random once, and kept in the folder.
 */
export async function ownerOf(cache: string): Promise<string> {
  const file = join(cache, 'owner');
  const kept = await readOwner(file);
  if (kept !== null) return kept;
  await mkdir(cache, { recursive: true });
  const owner = randomBytes(6).toString('hex');
  const draft = `${file}.${owner}`;
  try {
    await writeFile(draft, `${owner}\n`);
    // A link replaces nothing: of two who come at once, both get what the first has written.
    await link(draft, file);
    return owner;
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
    const first = await readOwner(file);
    if (first !== null) return first;
    throw new Error(`${file} does not hold an owner. Remove it.`, { cause: error });
  } finally {
    await rm(draft, { force: true });
  }
}

async function readOwner(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return OWNER.test(text.trim()) ? text.trim() : null;
}
