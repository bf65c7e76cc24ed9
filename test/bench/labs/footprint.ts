import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { cpus } from 'node:os';
import { LabClient } from '../../support/lab-client.ts';
import { measured, type Row } from '../row.ts';
import type { PeerProcess } from '../peer-process.ts';

const LABS = 10;
const SETTLE_MS = 10_000;
const IDLE_MS = 60_000;
/** The kernel counts a processor's time in hundredths of a second. */
const TICKS = 100;

/** What labs that are open, looked at and idle take of the machine, of memory and of its processors. */
export async function footprintRows(
  server: PeerProcess,
  slug: string,
  say: (text: string) => void,
): Promise<Row[]> {
  say(`${LABS} idle labs`);
  await using learners = new AsyncDisposableStack();
  const busyBefore = await busySeconds(IDLE_MS);
  const memoryBefore = await availableMiB();
  for (let lab = 0; lab < LABS; lab++) {
    const learner = learners.use(new LabClient(server.url, slug));
    const view = await learner.start();
    if (view.status !== 'ready') throw new Error(`The lab is ${view.status}.`);
    for (const { id } of view.terminals) learner.attach(id);
  }
  await wait(SETTLE_MS);
  const each = (memoryBefore - (await availableMiB())) / LABS;
  const busy = ((await busySeconds(IDLE_MS)) - busyBefore) / LABS;
  return [
    measured('labs of two hosts for each GiB, open and idle', '', [1024 / each], null),
    measured('an open idle lab, of a processor', '%', [(busy / (IDLE_MS / 1000)) * 100], null),
  ];
}

async function availableMiB(): Promise<number> {
  return Number(/^MemAvailable:\s+(\d+)/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1]) / 1024;
}

/** Seconds of processors that were busy in so many milliseconds. */
async function busySeconds(milliseconds: number): Promise<number> {
  const idle = async () => {
    const [, , , , idleTicks = '', waiting = ''] = (await readFile('/proc/stat', 'utf8')).split(/\s+/);
    return (Number(idleTicks) + Number(waiting)) / TICKS;
  };
  const before = await idle();
  const began = performance.now();
  await wait(milliseconds);
  const seconds = (performance.now() - began) / 1000;
  return seconds * cpus().length - ((await idle()) - before);
}
