import { setTimeout as wait } from 'node:timers/promises';
import { compared, measured, percentile, type Row } from '../row.ts';
import { untilQuiet, type BenchShell } from './shell.ts';

const KEYS = 500;
/** Keys come one by one, as people press them, only faster. */
const BETWEEN_MS = 10;

/** What a key takes to be seen, in turns with wetty. */
export async function echoRows(
  ours: BenchShell,
  wetty: BenchShell,
  say: (text: string) => void,
): Promise<Row[]> {
  say(`${KEYS} keys, in turns`);
  await Promise.all([readKeys(ours), readKeys(wetty)]);
  const mine: number[] = [];
  const theirs: number[] = [];
  for (let key = 0; key < KEYS; key++) {
    mine.push(await millisecondsToEcho(ours));
    theirs.push(await millisecondsToEcho(wetty));
  }
  await Promise.all([leaveKeys(ours), leaveKeys(wetty)]);
  return [
    compared(`echo of a key, median of ${KEYS}; wetty`, 'ms', mine, theirs, 0.3),
    { ...measured(`echo of a key, 99th percentile`, 'ms', [percentile(mine, 99)], 5), rounds: mine },
  ];
}

/** What a key takes while so many other terminals print as fast as they can. */
export async function echoBesideRow(
  ours: BenchShell,
  floods: readonly BenchShell[],
  target: number,
  say: (text: string) => void,
): Promise<Row> {
  say(`${KEYS} keys beside ${floods.length} that print without end`);
  await readKeys(ours);
  for (const flood of floods) {
    const before = flood.received;
    flood.type('yes\r');
    await flood.untilReceived(before + 2 ** 20);
  }
  const times: number[] = [];
  for (let key = 0; key < KEYS; key++) times.push(await millisecondsToEcho(ours));
  for (const flood of floods) flood.type('\u0003');
  for (const flood of floods) await untilQuiet(flood);
  await leaveKeys(ours);
  const name = `echo of a key beside ${floods.length} that print without end, 99th percentile`;
  return { ...measured(name, 'ms', [percentile(times, 99)], target), rounds: times };
}

/** A program that reads keys, which the terminal itself echoes. */
async function readKeys(shell: BenchShell): Promise<void> {
  shell.type('stty sane; cat > /dev/null\r');
  await untilQuiet(shell);
}

async function leaveKeys(shell: BenchShell): Promise<void> {
  shell.type('\u0003');
  await untilQuiet(shell);
}

async function millisecondsToEcho(shell: BenchShell): Promise<number> {
  await wait(BETWEEN_MS);
  const before = shell.received;
  const began = performance.now();
  shell.type('x');
  await shell.untilReceived(before + 1);
  return performance.now() - began;
}
