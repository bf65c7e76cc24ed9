import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Host } from '../../server/clusters/cluster.ts';
import type { LabEngine } from '../../server/engines/engine.ts';
import { PtyReader } from '../support/pty-reader.ts';
import { provisionTestCluster, startTestEngine } from '../support/test-engine.ts';

const MINUTE = 60_000;
const FIVE = ['host01', 'host02', 'host03', 'host04', 'host05'];
/** Loops that each of them runs, so that a share by processes is seen to be another than one by hosts. */
const LOOPS = 4;

let engine: LabEngine;

beforeAll(async () => {
  engine = await startTestEngine();
}, 10 * MINUTE);

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
}, MINUTE);

test(
  'ten hosts that spin leave a learner their keys, and half or more of an equal share of the processor',
  async () => {
    const clusters = await Promise.all([['host01'], FIVE, FIVE].map(provisionTestCluster));
    const [learner, ...spinners] = clusters.flatMap(({ hosts }) => [...hosts.values()]);
    if (learner === undefined) throw new Error('There is no host.');
    const spin = `for n in $(seq ${LOOPS}); do sh -c 'while :; do :; done' > /dev/null 2>&1 & done`;
    await Promise.all(spinners.map((host) => run(host, spin)));
    const shell = new PtyReader(await learner.openPty({ columns: 80, rows: 24 }));
    for (let key = 0; key < 20; key++) {
      shell.enter(`echo key-$((${key} + 100))`);
      await shell.shows(`key-${key + 100}\r\n`);
    }
    // `time` tells how much of one processor it had.
    shell.enter(`TIMEFORMAT='share %P of %%'; time for n in $(seq 300000); do :; done; echo work''ed`);
    await shell.shows('worked\r\n');
    const share = Number(/share ([\d.]+) of %/.exec(shell.text)?.[1]) / 100;
    const processors = Number(await run(learner, 'nproc'));
    const { length: hosts } = [learner, ...spinners];
    expect(share).toBeGreaterThan(0.5 * (processors / hosts));
    await shell.pty[Symbol.asyncDispose]();
  },
  10 * MINUTE,
);

async function run(host: Host, command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await host.exec(['bash', '-c', command], {
    signal: AbortSignal.timeout(3 * MINUTE),
  });
  expect(exitCode, `${command}\n${stderr}`).toBe(0);
  return stdout;
}
