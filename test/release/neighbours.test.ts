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
  'ten hosts that spin leave a learner their keys, and as much of the processor as each of them has',
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
    const used = async () => Promise.all([learner, ...spinners].map(usedBy));
    const before = await used();
    shell.enter('for n in $(seq 300000); do :; done; echo worked');
    await shell.shows('worked\r\n');
    const [own = 0, ...others] = (await used()).map((micros, at) => micros - (before[at] ?? 0));
    const median = others.toSorted((one, other) => one - other)[others.length / 2] ?? 0;
    expect(own / median).toBeGreaterThan(0.5);
    await shell.pty[Symbol.asyncDispose]();
  },
  10 * MINUTE,
);

/** Microseconds of the processor that a host's processes have used. */
const usedBy = async (host: Host): Promise<number> =>
  Number((await run(host, "sed -n 's/^usage_usec //p' /sys/fs/cgroup/cpu.stat")).trim());

async function run(host: Host, command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await host.exec(['bash', '-c', command], {
    signal: AbortSignal.timeout(3 * MINUTE),
  });
  expect(exitCode, `${command}\n${stderr}`).toBe(0);
  return stdout;
}
