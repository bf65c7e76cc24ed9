import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadScenarios } from '../../server/scenarios/load-scenarios.ts';
import { Bench, type Group } from './bench.ts';
import { checkRows } from './checks.ts';
import { measureClusters } from './clusters.ts';
import { engineRows } from './engine.ts';
import { measureLabs } from './labs.ts';
import { lintRows } from './lint.ts';
import { secondsToPrompts } from './provisioning.ts';
import { measured, table, type Row } from './row.ts';
import { measureTerminals } from './terminals.ts';
import { cloneInto, npmStart, untilLab, untilSpare } from './start-up.ts';

const ROOT = join(import.meta.dirname, '../..');
const SLUG = 'swarm-load-balancing';
const HOSTS = ['host01', 'host02'];
const ROUNDS = 3;

const MINUTE = 60_000;

const say = (text: string) => process.stderr.write(`${text}\n`);
/** A group of one part. */
const whole = (limitMs: number, work: () => Promise<readonly Row[]>) => (group: Group) =>
  group.measure('all', limitMs, work);

const GROUPS: Readonly<Record<string, (group: Group) => Promise<void>>> = {
  lint: whole(MINUTE, () => lintRows(ROOT, SLUG)),
  terminals: (group) => measureTerminals(ROOT, group),
  labs: (group) => measureLabs(ROOT, group),
  checks: whole(10 * MINUTE, checksOfTheLab),
  clusters: measureClusters,
  engine: whole(20 * MINUTE, () => engineRows(ROOT, say)),
  start: whole(20 * MINUTE, startUpRows),
};
const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    /** Groups, or parts of them as `group:part`. */
    only: { type: 'string', default: Object.keys(GROUPS).join() },
  },
});

const parent = await mkdtemp(join(tmpdir(), 'drydock-bench-'));
const bench = new Bench({
  chosen: options.only.split(','),
  say,
  async onRows(rows) {
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  },
});
try {
  for (const [name, measureAll] of Object.entries(GROUPS)) await bench.group(name, measureAll);
} finally {
  await rm(parent, { recursive: true, force: true });
}
process.stdout.write(`${table(bench.rows)}\n`);
for (const name of bench.unmet) say(`There is nothing to measure named ${name}.`);
for (const failure of bench.failures) say(failure.stack ?? failure.message);
// What was given up may still wait for something.
process.exit(bench.failures.length + bench.unmet.length > 0 ? 1 : 0);

async function checksOfTheLab(): Promise<Row[]> {
  const scenario = (await loadScenarios(join(ROOT, 'scenarios'))).scenarios.get(SLUG);
  if (scenario === undefined) throw new Error(`There is no scenario named ${SLUG}.`);
  return checkRows(scenario, say);
}

async function startUpRows(): Promise<Row[]> {
  const clone = await cloneInto(parent);
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
