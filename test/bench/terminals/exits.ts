import { randomBytes } from 'node:crypto';
import { measured, type Row } from '../row.ts';
import type { DrydockShell } from './drydock-shell.ts';
import { beginOf, digest } from './marked.ts';
import { untilQuiet } from './shell.ts';

const SIZE = 200_000;
const RUNS = 200;
/** A shell that has just greeted is ready; keys that come sooner wait for it. */
const QUIET_MS = 40;

/**
 * How many of 200 shells that print 200 kB and end are cut short, by the digest of what came.
 *
 * @param file where the shell finds what it is to print
 * @param content what that holds, as `exitContent` makes it
 */
export async function exitRow(
  where: string,
  shell: DrydockShell,
  file: string,
  content: string,
  say: (text: string) => void,
): Promise<Row> {
  say(`${RUNS} times 200 kB and the end, ${where}`);
  const wanted = digest(Buffer.from(content));
  let cut = 0;
  for (let run = 0; run < RUNS; run++) {
    await untilQuiet(shell, QUIET_MS);
    const pieces: Buffer[] = [];
    shell.onOutput = (data) => pieces.push(Buffer.from(data));
    shell.type(`stty -opost; exec sh -c 'printf "<"; printf "<<"; cat ${file}'\r`);
    await shell.untilAlive(false);
    shell.onOutput = () => undefined;
    const printed = Buffer.concat(pieces);
    const begin = beginOf(printed);
    if (begin === -1 || digest(printed.subarray(begin, begin + SIZE)) !== wanted) cut += 1;
    shell.type('\r');
    await shell.untilAlive(true);
  }
  return measured(`200 kB and the end, ${RUNS} times, ${where}: cut short`, '', [cut], 0);
}

/** Text that does not repeat, so that what is missing shows. */
export const exitContent = (): string => randomBytes(SIZE / 2).toString('hex');
