import { writeFile } from 'node:fs/promises';
import { slowLink } from '../../support/slow-link.ts';
import { compared, measured, type Row } from '../row.ts';
import { openDrydockPage } from './drydock-shell.ts';
import type { PeerProcess } from '../peer-process.ts';
import { untilQuiet } from './shell.ts';
import { secondsToRead } from './throughput.ts';

const ROUND_TRIP_MS = 100;
const SIZE = 4_000_000;
/** What many terminals give ahead of what is drawn, whatever the link. */
const FIXED_WINDOW = 100_000;
const ROUNDS = 7;

/** A file over a link of 100 ms for there and back. */
export async function transferRow(
  server: PeerProcess,
  folder: string,
  say: (text: string) => void,
): Promise<Row> {
  say(`4 MB over a link of ${ROUND_TRIP_MS} ms, ${ROUNDS} rounds`);
  await using link = await slowLink(server.url, { delay: ROUND_TRIP_MS / 2 });
  const file = `${folder}/far`;
  await writeFile(file, 'a line of what is far away\n'.repeat(SIZE / 25).slice(0, SIZE));
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Each as a page that has just come, of whose link nothing is known.
    using page = await openDrydockPage(server.url, 'desk', link.url);
    await using shell = page.shell('host01');
    seconds.push(await secondsToRead(shell, file, SIZE));
  }
  // At best: nothing but the round trips.
  const reference = (SIZE / FIXED_WINDOW) * (ROUND_TRIP_MS / 1000);
  const name = `4 MB over ${ROUND_TRIP_MS} ms there and back; a fixed window of 100 kB, reckoned`;
  return compared(name, 's', seconds, [reference], 1 / 3);
}

/** From Ctrl-C until the prompt is there, behind all that was under way. */
export async function interruptRow(server: PeerProcess, say: (text: string) => void): Promise<Row> {
  const BYTES_PER_SECOND = 1_000_000;
  say(`Ctrl-C during yes, ${ROUND_TRIP_MS} ms and 1 MB/s, ${ROUNDS} rounds`);
  await using link = await slowLink(server.url, {
    delay: ROUND_TRIP_MS / 2,
    bytesPerSecond: BYTES_PER_SECOND,
  });
  using page = await openDrydockPage(server.url, 'desk', link.url);
  await using shell = page.shell('host01');
  shell.type(`PS1='ready''> '\r`);
  await untilQuiet(shell);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = shell.received;
    shell.type('yes\r');
    // Long enough for all that may wait on the way to wait there.
    await shell.untilReceived(before + 3 * BYTES_PER_SECOND);
    const began = performance.now();
    const prompt = shell.untilEndsWith('ready> ');
    shell.type('\u0003');
    await prompt;
    times.push(performance.now() - began);
    await untilQuiet(shell);
  }
  return measured('Ctrl-C during yes to the prompt, 100 ms, 1 MB/s', 'ms', times, 2 * ROUND_TRIP_MS + 300);
}
