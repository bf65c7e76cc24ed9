import { describe, expect, test } from 'vitest';
import alternatingHostnames from '../../../validators/alternating-hostnames.ts';
import type { SwarmInfo } from '../../../validators/kit/index.ts';
import tasksOnHosts from '../../../validators/tasks-on-hosts.ts';
import { FakeCluster, reason } from '../../../validators/kit/fake-cluster.ts';

const checks = [
  [alternatingHostnames, { service: 'web', port: 81, from: ['host01', 'host02'] }],
  [tasksOnHosts, { service: 'web', hosts: ['host01', 'host02'] }],
] as const;

/** The verdicts of both when host02 is in this state, with or without the service. */
async function verdicts(info: Partial<SwarmInfo>, service: boolean) {
  const cluster = new FakeCluster();
  if (service) cluster.addService('web', ['node1', 'node1']);
  cluster.info['host02'] = { state: 'active', nodeId: 'node2', manager: false, error: '', ...info };
  return Promise.all(checks.map(([check, params]) => check.run(cluster, params)));
}

describe('a host that has left the swarm', () => {
  test.each<[string, Partial<SwarmInfo>, string]>([
    ['is in none', { state: 'inactive', nodeId: '' }, 'its state is “inactive”.'],
    ['cannot reach it', { state: 'error', error: 'no route' }, 'its state is “error” (no route).'],
    ['is in another', { nodeId: 'other' }, 'it is in another.'],
  ])('is named before anything else is said, where it %s', async (_name, info, seen) => {
    for (const service of [true, false]) {
      const said = (await verdicts(info, service)).map(reason);
      expect(said).toEqual(checks.map(() => `host02 is not in the swarm of host01: ${seen}`));
    }
  });

  test('comes with the way back, in both languages', async () => {
    for (const verdict of await verdicts({ state: 'inactive', nodeId: '' }, true)) {
      expect(verdict).toMatchObject({
        hint: {
          en: 'Run “docker swarm join-token worker” on host01 and the command that it prints on host02.',
          'zh-CN': expect.stringContaining('docker swarm join-token worker'),
        },
      });
    }
    for (const verdict of await verdicts({ nodeId: 'other' }, true)) {
      expect(verdict).toMatchObject({ hint: { en: expect.stringContaining('docker swarm leave --force') } });
    }
  });

  test('is waited for while it comes back', async () => {
    const cluster = new FakeCluster();
    cluster.addService('web', ['node1', 'node2']);
    cluster.info['host02'] = { state: 'pending', nodeId: '', manager: false, error: '' };
    cluster.onWait = (now) => {
      if (now < 10_000) return;
      cluster.info['host02'] = { state: 'active', nodeId: 'node2', manager: false, error: '' };
    };
    expect(await tasksOnHosts.run(cluster, checks[1][1])).toEqual({ outcome: 'pass' });
  });
});
