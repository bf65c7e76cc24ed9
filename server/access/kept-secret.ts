import { randomBytes } from 'node:crypto';
import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises';
import { isSystemError } from '../engines/system-error.ts';
import { UserError } from '../engines/user-error.ts';

/**
 * A secret that is made once and kept in a file that only its owner can read.
 *
 * @param isRight whether a text is such a secret; a file with another is refused, as its holder meant something by it
 */
export async function keptSecret(
  file: string,
  make: () => string,
  isRight: (text: string) => boolean = (text) => text !== '',
): Promise<string> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, `${make()}\n`, { mode: 0o600 });
    // A link replaces nothing: whoever comes second takes what the first has made.
    await link(draft, file);
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  await chmod(file, 0o600);
  const text = (await readFile(file, 'utf8')).trim();
  if (!isRight(text))
    throw new UserError(`${file} does not hold what it should. Remove it; it is made anew.`);
  return text;
}

/** 256 random bits, for programs. */
export const randomSecret = (): string => randomBytes(32).toString('base64url');
export const isRandomSecret = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text);
