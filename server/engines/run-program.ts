import { delimiter } from 'node:path';
import { execa } from 'execa';
import { saysDiskFull } from './disk-space.ts';
import { searchPath } from './search-path.ts';
import { UserError } from './user-error.ts';

/** Lines of a failure: enough for a stack trace with what it is of above it. */
const TAIL = 30;

/**
 * Run a program to its end, handing on each line that it prints. Fails with the last lines when it fails, and
 * with the signal's reason when that ended it. The environment is English and bare of the caller's locale, so
 * that what is printed can be read.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { onLine?: (line: string) => void; env?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<string> {
  const child = execa(program, args, {
    all: true,
    stdin: 'ignore',
    // LANGUAGE, where it is set, has its way over LC_ALL.
    env: { PATH: searchPath().join(delimiter), LC_ALL: 'C.UTF-8', LANGUAGE: '', ...options.env },
    ...(options.signal && { cancelSignal: options.signal }),
    reject: false,
  });
  if (options.onLine) for await (const line of child.iterable({ from: 'all' })) options.onLine(line);
  const result = await child;
  if (!result.failed) return result.all;
  if (result.isCanceled) options.signal?.throwIfAborted();
  if (saysDiskFull(result.all)) {
    throw new UserError(
      `The disk became full while ${program} ran. Free some of it, or set DRYDOCK_CACHE to a folder on another.`,
      { cause: result },
    );
  }
  const tail = result.all.split('\n').slice(-TAIL).join('\n');
  throw new Error(`${program} failed (${result.shortMessage}).\n${tail}`, { cause: result });
}
