import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster, Host } from '../../server/clusters/cluster.ts';
import type { LabEngine } from '../../server/engines/engine.ts';
import { PtyReader } from '../support/pty-reader.ts';
import { provisionTestCluster, startTestEngine } from '../support/test-engine.ts';

const MINUTE = 60_000;
const SPINNERS = 10;
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
  'ten labs that spin leave a learner their keys, and as much of the processor as each of them has',
  async () => {
    const clusters: Cluster[] = [];
    for (let made = 0; made <= SPINNERS; made++) clusters.push(await provisionTestCluster(['host01']));
    const [learner, ...spinners] = clusters.map(onlyHost);
    if (learner === undefined) throw new Error('There is no host.');
    for (const host of spinners) {
      await run(host, `for n in $(seq ${LOOPS}); do sh -c 'while :; do :; done' > /dev/null 2>&1 & done`);
    }
    const shell = new PtyReader(await learner.openPty({ columns: 80, rows: 24 }));
    for (let key = 0; key < 50; key++) {
      shell.enter(`echo key-$((${key} + 100))`);
      await shell.shows(`key-${key + 100}\r\n`);
    }
    const used = async () => Promise.all(clusters.map(async (cluster) => usedBy(onlyHost(cluster))));
    const before = await used();
    shell.enter('for n in $(seq 1000000); do :; done; echo worked');
    await shell.shows('worked\r\n');
    const [own = 0, ...others] = (await used()).map((micros, at) => micros - (before[at] ?? 0));
    const median = others.toSorted((one, other) => one - other)[SPINNERS / 2] ?? 0;
    expect(own / median).toBeGreaterThan(0.5);
    await shell.pty[Symbol.asyncDispose]();
  },
  10 * MINUTE,
);

function onlyHost(cluster: Cluster): Host {
  const host = cluster.hosts.get('host01');
  if (host === undefined) throw new Error('There is no host01.');
  return host;
}

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
