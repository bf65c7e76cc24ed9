import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { StageSeconds } from './engine-progress.ts';

/** On the machine that the README's numbers are from; one that has prepared an engine once knows its own. */
const USUAL: StageSeconds = {
  programs: 10,
  emulator: 8,
  guest: 30,
  base: 15,
  'lab-host': 30,
  scenario: 25,
  store: 10,
  disks: 10,
  boot: 45,
  'boot kept': 6,
};

const Kept = z.record(z.string(), z.number().nonnegative());
const fileIn = (cache: string) => join(cache, 'stage-seconds.json');

/** How long each stage of preparing the engine took last on this machine, or takes usually. */
export async function readStageSeconds(cache: string): Promise<StageSeconds> {
  try {
    return { ...USUAL, ...Kept.parse(JSON.parse(await readFile(fileIn(cache), 'utf8'))) };
  } catch {
    // Not there yet, or not to be read: it is only a guess's better ground.
    return USUAL;
  }
}

export async function keepStageSeconds(cache: string, seconds: StageSeconds): Promise<void> {
  const partial = `${fileIn(cache)}.partial-${process.pid}`;
  await writeFile(partial, `${JSON.stringify(seconds)}\n`);
  await rename(partial, fileIn(cache));
}
