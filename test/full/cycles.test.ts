import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProvisionCluster } from '../../server/clusters/cluster.ts';
import { footprintOf } from '../support/engine-footprint.ts';
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';

const MINUTE = 60_000;
const CLUSTERS = 200;
const AT_ONCE = 5;
/** What an engine keeps for a while of what it has had to do with, files and KiB of its own databases. */
const SLACK = { openFiles: 20, disk: 16 * 1024 };

let engine: PrivateEngine;
let provision: ProvisionCluster;

beforeAll(async () => {
  engine = await startPrivateEngine();
  ({ provisionCluster: provision } = await import('../../server/clusters/provision.ts'));
}, 10 * MINUTE);

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
}, MINUTE);

/** So many clusters of two hosts, each made and removed, some at once. */
async function makeAndRemove(count: number): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left-- > 0) {
      await using cluster = await provision(
        { hosts: ['host01', 'host02'] },
        () => undefined,
        AbortSignal.timeout(MINUTE),
      );
      expect(cluster.hosts.size).toBe(2);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

test(
  `${CLUSTERS} clusters, ${AT_ONCE} at a time, leave nothing on the engine or its machine once they are removed`,
  async () => {
    // What an engine makes once and keeps is no leak.
    await makeAndRemove(AT_ONCE);
    const before = await footprintOf(engine);
    await makeAndRemove(CLUSTERS);
    const after = await footprintOf(engine);
    const { openFiles, disk, ...counts } = before;
    expect(after).toMatchObject(counts);
    expect(after.openFiles).toBeLessThanOrEqual(openFiles + SLACK.openFiles);
    expect(after.disk).toBeLessThanOrEqual(disk + SLACK.disk);
  },
  20 * MINUTE,
);
