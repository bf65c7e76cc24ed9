import { setTimeout as wait } from 'node:timers/promises';
import { measured, type Row } from '../row.ts';
import { connectPage, openDrydockPage } from './drydock-shell.ts';
import type { PeerProcess } from '../peer-process.ts';
import { untilQuiet } from './shell.ts';

const MIB = 2 ** 20;
const STOPPED_MS = 8000;
const LOOK_MS = 1000;

/** What a server holds for a viewer that has stopped reading, and what others have of it meanwhile. */
export async function stoppedViewerRows(server: PeerProcess, say: (text: string) => void): Promise<Row[]> {
  say('A viewer that stops for 8 s during yes, beside another');
  using page = await openDrydockPage(server.url, 'desk');
  using otherPage = await connectPage(server.url, 'desk', page.learner);
  await using stopped = page.shell('host01');
  await using other = otherPage.shell('host01');
  stopped.type('yes\r');
  // What is kept of the output is full by then, which is no growth.
  await other.untilReceived(32 * MIB);
  const before = await server.memory();
  let most = before;
  const seenBefore = other.received;
  stopped.acks = false;
  const until = performance.now() + STOPPED_MS;
  while (performance.now() < until) {
    await wait(LOOK_MS);
    most = Math.max(most, await server.memory());
  }
  const seen = (other.received - seenBefore) / MIB;
  stopped.acks = true;
  stopped.type('\u0003');
  await untilQuiet(other);
  return [
    measured('memory that a viewer stopped for 8 s during yes costs', 'MiB', [most - before], 2),
    measured('what another viewer is shown meanwhile', 'MiB/s', [seen / (STOPPED_MS / 1000)], null),
  ];
}
