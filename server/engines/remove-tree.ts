import { rm } from 'node:fs/promises';
import { asRoot, isRoot } from './as-root.ts';
import { runProgram } from './run-program.ts';
import { isSystemError } from './system-error.ts';

/**
 * Remove a folder with all that is in it, or what else has that name. What a user has built holds folders of that user's
 * subordinate ids, which only the root of the user's namespace can empty.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (isRoot() || !isSystemError(error, 'EACCES', 'EPERM')) throw error;
    const [program, ...args] = asRoot(['rm', '-rf', path]);
    await runProgram(program, args).catch(() => {
      // It may be another's: the first failure says which file.
      throw error;
    });
  }
}
