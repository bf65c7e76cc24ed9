import { join } from 'node:path';
import { loadFolder } from '../../server/scenarios/load-scenarios.ts';
import { measured, type Row } from './row.ts';

const WARM_UP = 5;
const ROUNDS = 15;

/** What it takes to say everything that is wrong with a scenario, in a process that has done so before. */
export async function lintRows(root: string, slug: string): Promise<Row[]> {
  const rounds: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const began = performance.now();
    const { problems } = await loadFolder(join(root, 'scenarios', slug));
    if (problems.length > 0) throw new Error(`${slug} has problems: ${JSON.stringify(problems)}`);
    if (round >= WARM_UP) rounds.push(performance.now() - began);
  }
  return [measured('lint of a scenario in a warm process', 'ms', rounds, 50)];
}
