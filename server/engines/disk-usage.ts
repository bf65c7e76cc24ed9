import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asRoot, isRoot } from './as-root.ts';
import { runProgram } from './run-program.ts';
import { isSystemError } from './system-error.ts';

/** What a file or folder takes on the disk: sparse files less than their length, files of several names once. */
export async function diskUsage(path: string): Promise<number> {
  const { bytes, refused } = await usageBelow(path, new Set());
  if (!refused || isRoot()) return bytes;
  // What a user has built holds folders of that user's subordinate ids.
  const [program, ...args] = asRoot(['du', '--summarize', '--block-size=1', path]);
  const said = await runProgram(program, args).catch(() => '');
  return Number(/^(\d+)\t/m.exec(said)?.[1] ?? bytes);
}

type Usage = { bytes: number; refused: boolean };

async function usageBelow(path: string, seen: Set<string>): Promise<Usage> {
  // It may have been removed since it was listed.
  const stats = await lstat(path).catch(() => null);
  if (stats === null) return { bytes: 0, refused: false };
  const key = `${stats.dev}:${stats.ino}`;
  if (seen.has(key)) return { bytes: 0, refused: false };
  seen.add(key);
  const own: Usage = { bytes: stats.blocks * 512, refused: false };
  if (!stats.isDirectory()) return own;
  const names = await readdir(path).catch((error: unknown) => {
    own.refused = isSystemError(error, 'EACCES');
    return [];
  });
  const below = await Promise.all(names.map((name) => usageBelow(join(path, name), seen)));
  return below.reduce(
    (sum, { bytes, refused }) => ({ bytes: sum.bytes + bytes, refused: sum.refused || refused }),
    own,
  );
}
