import { writeFile } from 'node:fs/promises';
import { cutLine } from '../../support/cut-line.ts';
import { measured, percentile, type Row } from '../row.ts';
import type { PeerProcess } from '../peer-process.ts';
import { connectPage, openDrydockPage, type Place } from './drydock-shell.ts';
import { beginOf, digest } from './marked.ts';

const CUTS = 100;
/** Bytes that come between two cuts at least. */
const STRETCH = 250_000;
const LINES = 4_000_000;
/** What nobody reads is kept for a while and no longer, so that what prints here takes its time: 400 kB a second. */
const PRINTER = `
import { readFileSync } from 'node:fs';
const text = readFileSync(process.argv[2]);
let at = 0;
process.stdout.write('<' + '<<');
const timer = setInterval(() => {
  process.stdout.write(text.subarray(at, (at += 4_000)));
  if (at >= text.length) clearInterval(timer);
}, 10);`;

/** A page whose line is cut a hundred times in the middle of a stream: whether it has every byte once, and how soon. */
export async function cutRows(
  server: PeerProcess,
  folder: string,
  say: (text: string) => void,
): Promise<Row[]> {
  say(`A line cut ${CUTS} times`);
  const text = Buffer.from(Array.from({ length: LINES }, (_, at) => `${at}`.padStart(7, '0')).join('\n'));
  const [script, file] = [`${folder}/print.mjs`, `${folder}/numbers`];
  await writeFile(script, PRINTER);
  await writeFile(file, text);
  await using line = await cutLine(server.url);
  using owner = await openDrydockPage(server.url, 'desk');
  const pieces: Buffer[] = [];
  const look = async (place?: Place) => {
    const page = await connectPage(line.url, 'desk', owner.learner);
    const shell = page.shell('host01', place);
    shell.onOutput = (data) => void pieces.push(Buffer.from(data));
    return { page, shell };
  };
  let { page, shell } = await look();
  shell.type(`stty -opost; ${process.execPath} ${script} ${file}\r`);
  const repaints: number[] = [];
  for (let cut = 0; cut < CUTS; cut++) {
    await shell.untilReceived(STRETCH);
    line.cut();
    await page.broken;
    line.mend();
    const began = performance.now();
    ({ page, shell } = await look(shell.place));
    await shell.untilReceived(1);
    repaints.push(performance.now() - began);
  }
  const printed = () => Buffer.concat(pieces);
  const soFar = printed();
  const end = beginOf(soFar) + text.length;
  await shell.untilReceived(shell.received + end - soFar.length);
  const whole = digest(printed().subarray(end - text.length, end)) === digest(text);
  shell.type('stty sane\r');
  page[Symbol.dispose]();
  return [
    measured(`a line cut ${CUTS} times in a stream: digests that differ`, '', [whole ? 0 : 1], 0),
    {
      ...measured('from the line mended to output, 99th percentile', 'ms', [percentile(repaints, 99)], 100),
      rounds: repaints,
    },
  ];
}
