import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadScenarios } from '../../server/scenarios/load-scenarios.ts';
import { checkRows } from './checks.ts';
import { clusterRows } from './clusters.ts';
import { engineRows } from './engine.ts';
import { labRows } from './labs.ts';
import { lintRows } from './lint.ts';
import { secondsToPrompts } from './provisioning.ts';
import { measured, table, type Row } from './row.ts';
import { terminalRows } from './terminals.ts';
import { cloneInto, npmStart, untilLab, untilSpare } from './start-up.ts';

const ROOT = join(import.meta.dirname, '../..');
const SLUG = 'swarm-load-balancing';
const HOSTS = ['host01', 'host02'];
const ROUNDS = 3;

const GROUPS = {
  lint: () => lintRows(ROOT, SLUG),
  terminals: () => terminalRows(say),
  labs: () => labRows(ROOT, say),
  checks: checksOfTheLab,
  clusters: () => clusterRows(say),
  engine: () => engineRows(ROOT, say),
  start: startUpRows,
};
const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string', default: 'lint,checks,clusters,engine,start' },
  },
});
const say = (text: string) => process.stderr.write(`${text}\n`);

const parent = await mkdtemp(join(tmpdir(), 'drydock-bench-'));
try {
  const chosen = options.only.split(',');
  const rows: Row[] = [];
  for (const [name, measure] of Object.entries(GROUPS)) {
    if (chosen.includes(name)) rows.push(...(await measure()));
  }
  process.stdout.write(`${table(rows)}\n`);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`);
} finally {
  await rm(parent, { recursive: true, force: true });
}

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
