// A process: measures one group, and sends whoever has started it the rows as they come, and then what went wrong.
import { Bench } from './bench.ts';
import type { Said } from './group-process.ts';
import { GROUPS } from './groups.ts';

const tell = (said: Said): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(said, () => resolve());
  });

// Nobody waits for it any more.
process.once('disconnect', () => process.exit(1));
const [name = '', ...chosen] = process.argv.slice(2);
const measure = GROUPS.get(name);
if (measure === undefined) throw new Error(`There is no group named ${name}.`);
const bench = new Bench({
  chosen,
  say: (text) => void process.stderr.write(`${text}\n`),
  onRows: (rows) => tell({ rows: [...rows] }),
});
await bench.group(name, measure);
await tell({
  problems: [
    ...bench.unmet.map((part) => `There is nothing to measure named ${part}.`),
    ...bench.failures.map((failure) => failure.stack ?? failure.message),
  ],
});
// What was given up may still wait for something.
process.exit();
