import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadScenarios } from '../../server/scenarios/load-scenarios.ts';
import type { Group } from './bench.ts';
import { checkRows } from './checks.ts';
import { measureClusters } from './clusters.ts';
import { engineRows } from './engine.ts';
import { measureLabs } from './labs.ts';
import { lintRows } from './lint.ts';
import { secondsToPrompts } from './provisioning.ts';
import { measured, type Row } from './row.ts';
import { cloneInto, npmStart, untilLab, untilSpare } from './start-up.ts';
import { measureTerminals } from './terminals.ts';

const ROOT = join(import.meta.dirname, '../..');
const SLUG = 'swarm-load-balancing';
const HOSTS = ['host01', 'host02'];
const ROUNDS = 3;
const MINUTE = 60_000;

type MeasureGroup = (group: Group) => Promise<void>;

/** A group of one part. */
const whole =
  (limitMs: number, work: (say: Group['say']) => Promise<readonly Row[]>): MeasureGroup =>
  (group) =>
    group.measure('all', limitMs, () => work(group.say));

/** What can be measured, by name, in this order. */
export const GROUPS: ReadonlyMap<string, MeasureGroup> = new Map([
  ['lint', whole(MINUTE, () => lintRows(ROOT, SLUG))],
  ['terminals', (group) => measureTerminals(ROOT, group)],
  ['labs', (group) => measureLabs(ROOT, group)],
  ['checks', whole(10 * MINUTE, checksOfTheLab)],
  ['clusters', measureClusters],
  ['engine', whole(20 * MINUTE, (say) => engineRows(ROOT, say))],
  ['start', whole(20 * MINUTE, startUpRows)],
]);

async function checksOfTheLab(say: Group['say']): Promise<Row[]> {
  const scenario = (await loadScenarios(join(ROOT, 'scenarios'))).scenarios.get(SLUG);
  if (scenario === undefined) throw new Error(`There is no scenario named ${SLUG}.`);
  return checkRows(scenario, say);
}

async function startUpRows(say: Group['say']): Promise<Row[]> {
  const parent = await mkdtemp(join(tmpdir(), 'drydock-bench-'));
  try {
    return await rowsOfStarts(await cloneInto(parent), say);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

async function rowsOfStarts(clone: Awaited<ReturnType<typeof cloneInto>>, say: Group['say']): Promise<Row[]> {
  say('npm start on a fresh clone with an empty home:');
  const cold: number[] = [];
  {
    await using first = await npmStart(clone);
    cold.push(await untilLab(first, SLUG));
  }
  const open: number[] = [];
  const second: number[] = [];
  const claimable: number[] = [];
  const prompts: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    say(`npm start again, round ${round} of ${ROUNDS}:`);
    await using again = await npmStart(clone);
    open.push(again.openSeconds);
    second.push(again.seconds);
    claimable.push(await untilLab(again, SLUG));
    await untilSpare(clone);
    prompts.push(await secondsToPrompts(again.url, SLUG, HOSTS));
  }
  return [
    measured('npm start to a lab whose hosts are ready, cold', 's', cold, 300),
    measured('npm start to a page that answers, second run', 's', open, 10),
    measured('npm start to labs that can be started, second run', 's', second, null),
    measured('npm start to a lab whose hosts are ready, second run', 's', claimable, 8),
    measured('Start to both prompts', 's', prompts, null),
  ];
}
