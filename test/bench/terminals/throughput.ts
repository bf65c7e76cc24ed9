import { writeFile } from 'node:fs/promises';
import { compared, type Row } from '../row.ts';
import { untilQuiet, type BenchShell } from './shell.ts';

const MIB = 2 ** 20;
const SIZE = 64 * MIB;
const ROUNDS = 5;
const TEXT = 'all work and no play makes a learner dull; 64 MiB of it are what is read here. ';
const COLOURED = [...TEXT.matchAll(/\S+ /g)].map(([word], at) => `\u001b[1;3${at % 8}m${word}`).join('');

export type Ways = {
  /** In turns, so that what else the machine does meets all of them. */
  ours: BenchShell;
  raw: BenchShell;
  wetty: BenchShell;
};

/** How long 64 MiB take from a local shell to a client, beside a pty that is read without any server, and beside wetty. */
export async function throughputRows(
  { ours, raw, wetty }: Ways,
  folder: string,
  say: (text: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [kind, line] of [
    ['plain', `${TEXT}\n`],
    ['ANSI', `${COLOURED}\u001b[0m\n`],
  ] as const) {
    say(`64 MiB, ${kind}, ${ROUNDS} rounds of three ways`);
    const file = `${folder}/${kind}`;
    await writeFile(file, line.repeat(Math.ceil(SIZE / line.length)).slice(0, SIZE));
    const times = { ours: [] as number[], raw: [] as number[], wetty: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      times.raw.push(await secondsToRead(raw, file, SIZE));
      times.ours.push(await secondsToRead(ours, file, SIZE));
      times.wetty.push(await secondsToRead(wetty, file, SIZE));
    }
    const name = `64 MiB, ${kind}, local shell to a Node client`;
    rows.push(
      compared(`${name}; a bare pty`, 's', times.ours, times.raw, 1 / 0.75),
      compared(`${name}; wetty`, 's', times.ours, times.wetty, 1),
    );
  }
  return rows;
}

/** From Enter until the last byte of a file is there. */
export async function secondsToRead(shell: BenchShell, file: string, size: number): Promise<number> {
  shell.type(`stty -opost; PS1=\r`);
  await untilQuiet(shell);
  shell.type(`cat ${file}`);
  await untilQuiet(shell);
  const before = shell.received;
  const began = performance.now();
  shell.type('\r');
  await shell.untilReceived(before + size);
  const seconds = (performance.now() - began) / 1000;
  await untilQuiet(shell);
  return seconds;
}
