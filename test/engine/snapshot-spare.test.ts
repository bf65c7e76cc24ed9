import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster, ProvisionCluster } from '../../server/clusters/cluster.ts';
import { labelOf } from '../../server/clusters/cluster-id.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { embeddedGround } from '../../server/images/ground.ts';
import { contentsOf } from '../support/engine-contents.ts';
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';

const MINUTE = 60_000;
const GROUND = embeddedGround('spare-test');
const PAIR = { hosts: ['host01', 'host02'] };
const KEYS = [
  'grep',
  '-h',
  'ssh-ed25519',
  '/root/.ssh/id_ed25519.pub',
  '/root/.ssh/authorized_keys',
  '/etc/ssh/ssh_host_ed25519_key.pub',
];
const limit = () => AbortSignal.timeout(MINUTE);
const ignore = () => undefined;

let engine: PrivateEngine;
let provision: ProvisionCluster;
/** What provisions on an engine in whose snapshot a cluster lay; `ended` ends the engine. */
let resume: (run: string) => Promise<{
  provision: ProvisionCluster;
  ended: AbortController;
  left: string;
  /** Of its first host, before. */
  keys: readonly string[];
}>;

beforeAll(async () => {
  engine = await startPrivateEngine();
  const [{ provisionOn }, { snapshotSpareFirst }] = await Promise.all([
    import('../../server/clusters/provision.ts'),
    import('../../server/clusters/snapshot-spare.ts'),
  ]);
  provision = provisionOn(GROUND);
  resume = async (run) => {
    const spare = await provision(PAIR, ignore, limit());
    const keys = (await onHost(spare, 'host01', KEYS)).stdout.split('\n');
    await spare.freeze();
    const ended = new AbortController();
    const onError = (error: unknown) => {
      throw error;
    };
    return {
      provision: snapshotSpareFirst({ provision, ground: GROUND, run, engineEnded: ended.signal, onError }),
      ended,
      left: spare.id,
      keys,
    };
  };
}, 10 * MINUTE);

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
}, MINUTE);

const onHost = async (cluster: Cluster, host: string, command: readonly string[]) => {
  const result = await cluster.hosts.get(host)?.exec(command, { signal: limit() });
  return { ...result, stdout: result?.stdout.trim() ?? '' };
};
const there = () => contentsOf(dockerClient(engine));

test(
  'the first cluster on an engine is the one of its snapshot, with keys that no other copy of it has',
  async () => {
    const { adoptCluster } = await import('../../server/clusters/adopt.ts');
    const resumed = await resume('run1');
    const states: string[] = [];
    await using cluster = await resumed.provision(PAIR, (...state) => states.push(state.join(' ')), limit());
    expect(states).toEqual(['host01 ready', 'host02 ready']);
    expect(cluster.id).toBe(`${resumed.left}-run1`);

    const keys = (await onHost(cluster, 'host01', KEYS)).stdout.split('\n');
    expect(keys).toHaveLength(3);
    expect(keys[0]).toBe(keys[1]);
    expect(resumed.keys).toHaveLength(3);
    for (const old of resumed.keys) expect(keys).not.toContain(old);
    expect((await onHost(cluster, 'host02', KEYS)).stdout.split('\n')[0]).toBe(keys[0]);
    const words = ['ssh', '-o', 'StrictHostKeyChecking=accept-new', 'host02', 'docker info -f {{.Name}}'];
    expect(await onHost(cluster, 'host01', words)).toMatchObject({ exitCode: 0, stdout: 'host02' });
    const hostKey = (await onHost(cluster, 'host02', KEYS)).stdout.split('\n')[2]?.split(' ')[1];
    const known = await onHost(cluster, 'host01', ['cat', '/root/.ssh/known_hosts']);
    expect(known.stdout).toContain(hostKey);

    const found = await adoptCluster(cluster.id, PAIR.hosts, limit());
    expect(found?.id).toBe(cluster.id);
    await using second = await resumed.provision(PAIR, ignore, limit());
    expect((await there()).containers).toEqual([labelOf(cluster.id), second.id].toSorted());
  },
  2 * MINUTE,
);

test(
  'a cluster of the snapshot with other hosts than the first lab has makes way for it',
  async () => {
    const resumed = await resume('run2');
    await using single = await resumed.provision({ hosts: ['host01'] }, ignore, limit());
    expect(await there()).toMatchObject({ containers: [single.id], networks: [single.id], strays: [] });
  },
  2 * MINUTE,
);

test(
  'a lab that has ended with its engine removes nothing from the engine in its place',
  async () => {
    const resumed = await resume('run3');
    const cluster = await resumed.provision(PAIR, ignore, limit());
    resumed.ended.abort();
    await cluster[Symbol.asyncDispose]();
    expect((await there()).containers).toEqual([resumed.left]);
    const { reapClusters } = await import('../../server/clusters/reap.ts');
    const { labels } = GROUND;
    expect(await reapClusters(new Set([cluster.id]), { labels })).toEqual([]);
    expect(await reapClusters(new Set(), { labels })).toEqual([resumed.left]);
  },
  2 * MINUTE,
);
