import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isSystemError } from './system-error.ts';

const RECORD = 'drydock-files.json';
const Records = z.record(z.string(), z.strictObject({ bytes: z.number(), changed: z.number() }));

/** Keep beside files what they are like, so that one that is cut short, changed or gone is noticed. */
export async function recordFiles(folder: string, files: readonly string[]): Promise<void> {
  const records = await Promise.all(
    files.map(async (file) => {
      const { size, mtimeMs } = await stat(join(folder, file));
      return [file, { bytes: size, changed: mtimeMs }] as const;
    }),
  );
  await writeFile(join(folder, RECORD), JSON.stringify(Object.fromEntries(records)));
}

/** Whether a folder is there with its files as they were recorded; where none were, whether it is there. */
export async function isWhole(folder: string): Promise<boolean> {
  try {
    await stat(folder);
    const records = Records.parse(JSON.parse(await readFile(join(folder, RECORD), 'utf8').catch(unrecorded)));
    for (const [file, { bytes, changed }] of Object.entries(records)) {
      const { size, mtimeMs } = await stat(join(folder, file));
      if (size !== bytes || mtimeMs !== changed) return false;
    }
    return true;
  } catch {
    // Not there, or its record is no record any more.
    return false;
  }
}

function unrecorded(error: unknown): string {
  if (isSystemError(error, 'ENOENT')) return '{}';
  throw error;
}
