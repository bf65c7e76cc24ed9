import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { cutLine } from '../../support/cut-line.ts';
import { measured, percentile, type Row } from '../row.ts';
import { connectPage, openDrydockPage, type DrydockShell } from './drydock-shell.ts';
import type { PeerProcess } from './peer-process.ts';

const CUTS = 100;
/** Bytes that come between two cuts at least. */
const STRETCH = 250_000;
const MARK = '<<<';
/** What nobody reads is kept for a while and no longer, so that what prints here takes its time: 400 kB a second. */
const PRINTER = `
let at = 0;
process.stdout.write('<' + '<<');
const timer = setInterval(() => {
  process.stdout.write(text.slice(at, (at += 4_000)));
  if (at >= text.length) clearInterval(timer);
}, 10);`;

/** A page whose line is cut a hundred times in the middle of a stream: whether it has every byte once, and how soon. */
export async function cutRows(
  server: PeerProcess,
  folder: string,
  say: (text: string) => void,
): Promise<Row[]> {
  say(`A line cut ${CUTS} times`);
  const text = Array.from({ length: 4_000_000 }, (_, at) => `${at}`.padStart(7, '0')).join('\n');
  const script = `${folder}/print.mjs`;
  await writeFile(
    script,
    `const text = Array.from({ length: 4_000_000 }, (_, at) => \`\${at}\`.padStart(7, '0')).join('\\n');${PRINTER}`,
  );
  await using line = await cutLine(server.url);
  using owner = await openDrydockPage(server.url, 'desk');
  const pieces: Buffer[] = [];
  let at = 0;
  const look = async (): Promise<{ page: Disposable & { broken: Promise<void> }; shell: DrydockShell }> => {
    const page = await connectPage(line.url, 'desk', owner.learner);
    const shell = page.shell('host01', at);
    shell.onOutput = (data) => {
      pieces.push(Buffer.from(data));
      at += data.byteLength;
    };
    return { page, shell };
  };
  let { page, shell } = await look();
  shell.type(`stty -opost; ${process.execPath} ${script}\r`);
  const repaints: number[] = [];
  for (let cut = 0; cut < CUTS; cut++) {
    await shell.untilReceived(STRETCH);
    line.cut();
    await page.broken;
    line.mend();
    const began = performance.now();
    ({ page, shell } = await look());
    await shell.untilReceived(1);
    repaints.push(performance.now() - began);
  }
  const printed = () => Buffer.concat(pieces).toString('latin1');
  const begin = printed().indexOf(MARK) + MARK.length;
  const before = at - shell.received;
  await shell.untilReceived(begin + text.length - before);
  const whole = digest(printed().slice(begin, begin + text.length)) === digest(text);
  shell.type('stty sane\r');
  page[Symbol.dispose]();
  return [
    measured(`a line cut ${CUTS} times in a stream: digests that differ`, '', [whole ? 0 : 1], 0),
    measured('from the line mended to output, 99th percentile', 'ms', [percentile(repaints, 99)], 100),
  ];
}

const digest = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');
