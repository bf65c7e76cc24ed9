import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProvisionCluster } from '../../server/clusters/cluster.ts';
import { ClusterPool } from '../../server/clusters/pool.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { embeddedGround } from '../../server/images/ground.ts';
import { contentsOf } from '../support/engine-contents.ts';
import { PtyReader } from '../support/pty-reader.ts';
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';

const MINUTE = 60_000;
const PAIR = { hosts: ['host01', 'host02'] };
const SINGLE = { hosts: ['host01'] };
const CAPACITY = 2;

let engine: PrivateEngine;
let provision: ProvisionCluster;

beforeAll(async () => {
  engine = await startPrivateEngine();
  const { provisionOn } = await import('../../server/clusters/provision.ts');
  provision = provisionOn(embeddedGround('pool-test'), '100.64.0.0/16');
}, 10 * MINUTE);

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
}, MINUTE);

test(
  'a spare has its shells open before anybody asks, and they live through the frost',
  async () => {
    const docker = dockerClient(engine);
    await using pool = new ClusterPool({
      provision,
      wanted: () => [PAIR],
      room: () => 1,
      onError: (error) => {
        throw error;
      },
    });
    pool.fill();
    await expect.poll(async () => (await contentsOf(docker)).frozen, { timeout: 2 * MINUTE }).toBe(2);
    await using lab = await pool.provision(PAIR, () => undefined, AbortSignal.timeout(MINUTE));
    const shellsOf = async (name: string) => {
      const host = lab.hosts.get(name);
      const signal = AbortSignal.timeout(MINUTE);
      return (await host?.exec(['pgrep', '-x', 'bash'], { signal }))?.stdout.trim().split('\n');
    };
    for (const [name, host] of lab.hosts) {
      const waiting = await shellsOf(name);
      expect(waiting).toHaveLength(1);
      const shell = new PtyReader(await host.openPty({ columns: 101, rows: 33 }));
      shell.enter('echo pid=$$ size=$(stty size)');
      await shell.shows(`pid=${waiting?.[0]} size=33 101`);
      const second = new PtyReader(await host.openPty({ columns: 80, rows: 24 }));
      await second.shows('# ');
      expect(await shellsOf(name)).toHaveLength(2);
      await Promise.all([shell, second].map(({ pty }) => pty[Symbol.asyncDispose]()));
    }
  },
  5 * MINUTE,
);

test(
  'a pool never has more clusters on its engine than that holds, and gives labs the places of its spares',
  async () => {
    const there = () => contentsOf(dockerClient(engine));
    let labs = 0;
    const found: number[] = [];
    const pool = new ClusterPool({
      provision: async ({ hosts }, ...rest) => {
        found.push((await there()).containers.length);
        return provision({ hosts }, ...rest);
      },
      wanted: () => [PAIR, PAIR, PAIR],
      room: () => CAPACITY - labs,
      onError: (error) => {
        throw error;
      },
    });
    const begin = async (spec: typeof PAIR) => {
      labs += 1;
      return pool.provision(spec, () => undefined, AbortSignal.timeout(MINUTE));
    };
    pool.fill();
    await expect.poll(async () => (await there()).frozen, { timeout: 2 * MINUTE }).toBe(4);
    expect((await there()).containers).toHaveLength(CAPACITY);

    const first = await begin(SINGLE);
    expect(first.hosts.get('host01')?.address).toMatch(/^100\.64\./);
    const kept = await there();
    expect([kept.containers.length, kept.frozen]).toEqual([CAPACITY, 2]);
    const second = await begin(SINGLE);
    expect(await there()).toMatchObject({ containers: [first.id, second.id].toSorted(), frozen: 0 });
    expect(Math.max(...found)).toBeLessThan(CAPACITY);

    await pool[Symbol.asyncDispose]();
    await Promise.all([first, second].map((lab) => lab[Symbol.asyncDispose]()));
    expect(await there()).toMatchObject({ containers: [], networks: [], strays: [] });
  },
  5 * MINUTE,
);
