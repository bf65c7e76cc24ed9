import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { measureApart } from './group-process.ts';
import { GROUPS } from './groups.ts';
import { table, type Row } from './row.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    /** Groups, or parts of them as `group:part`. */
    only: { type: 'string', default: [...GROUPS.keys()].join() },
  },
});
const chosen = options.only.split(',');
const groupOf = (part: string): string => part.split(':', 1)[0] ?? '';

const problems = chosen
  .filter((part) => !GROUPS.has(groupOf(part)))
  .map((part) => `There is nothing to measure named ${part}.`);
let rows: readonly Row[] = [];
for (const name of GROUPS.keys()) {
  const parts = chosen.filter((part) => groupOf(part) === name);
  if (parts.length === 0) continue;
  const before = rows;
  const found = await measureApart(name, parts, async (more) => {
    rows = [...before, ...more];
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  });
  problems.push(...found);
}
process.stdout.write(`${table(rows)}\n`);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
