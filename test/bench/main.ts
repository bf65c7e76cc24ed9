import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { secondsToPrompts } from './provisioning.ts';
import { measured, table, type Row } from './row.ts';
import { cloneInto, npmStart } from './start-up.ts';

const SLUG = 'swarm-load-balancing';
const HOSTS = ['host01', 'host02'];
const ROUNDS = 3;

const { values: options } = parseArgs({ options: { json: { type: 'string' } } });
const say = (text: string) => process.stderr.write(`${text}\n`);

const parent = await mkdtemp(join(tmpdir(), 'drydock-bench-'));
try {
  const rows = await startUpRows();
  process.stdout.write(`${table(rows)}\n`);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`);
} finally {
  await rm(parent, { recursive: true, force: true });
}

async function startUpRows(): Promise<Row[]> {
  const clone = await cloneInto(parent);
  say('npm start on a fresh clone with an empty home:');
  const cold: number[] = [];
  {
    await using first = await npmStart(clone);
    cold.push(first.seconds);
  }
  const open: number[] = [];
  const second: number[] = [];
  const prompts: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    say(`npm start again, round ${round} of ${ROUNDS}:`);
    await using again = await npmStart(clone);
    open.push(again.openSeconds);
    second.push(again.seconds);
    prompts.push(await secondsToPrompts(again.url, SLUG, HOSTS));
  }
  return [
    measured('npm start to labs that can be started, cold', 's', cold, 300),
    measured('npm start to a page that answers, second run', 's', open, 10),
    measured('npm start to labs that can be started, second run', 's', second, null),
    measured('Start to both prompts', 's', prompts, null),
  ];
}
