import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster, ProvisionCluster } from '../../server/clusters/cluster.ts';
import { footprintOf } from '../support/engine-footprint.ts';
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';

const MINUTE = 60_000;
const CLUSTERS = 200;
const AT_ONCE = 5;
/** Docker's own pools end at about thirty. */
const NETWORKS = 40;
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

test(
  `${NETWORKS} clusters stand beside each other, more than Docker has networks for by itself`,
  async () => {
    const before = await footprintOf(engine);
    const made: Cluster[] = [];
    try {
      let left = NETWORKS;
      const worker = async () => {
        while (left-- > 0) {
          const cluster = await provision(
            { hosts: ['host01'] },
            () => undefined,
            AbortSignal.timeout(2 * MINUTE),
          );
          made.push(cluster);
          // So that they take no processor time from those that are still to come.
          await cluster.freeze();
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      const addresses = made.flatMap(({ hosts }) => [...hosts.values()].map(({ address }) => address));
      expect([new Set(addresses).size, (await footprintOf(engine)).networks]).toEqual([
        NETWORKS,
        before.networks + NETWORKS,
      ]);
      const last = made.at(-1);
      await last?.thaw();
      const host = last?.hosts.get('host01');
      const answer = await host?.exec(['docker', 'info', '-f', '{{.Name}}'], {
        signal: AbortSignal.timeout(MINUTE),
      });
      expect(answer?.stdout.trim()).toBe('host01');
    } finally {
      await Promise.all(made.map((cluster) => cluster[Symbol.asyncDispose]()));
    }
    const { containers, networks, volumes } = await footprintOf(engine);
    expect({ containers, networks, volumes }).toEqual({
      containers: before.containers,
      networks: before.networks,
      volumes: before.volumes,
    });
  },
  15 * MINUTE,
);
