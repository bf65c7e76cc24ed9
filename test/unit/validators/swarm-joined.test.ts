import { describe, expect, test } from 'vitest';
import overlayNetwork from '../../../validators/overlay-network.ts';
import check from '../../../validators/swarm-joined.ts';
import { FakeCluster, reason } from '../../../validators/kit/fake-cluster.ts';

const params = { manager: 'host01', workers: ['host02'] };
const alone = { state: 'inactive', nodeId: '', manager: false, error: '' } as const;

describe('swarm-joined', () => {
  test('a manager and a ready worker of its swarm pass', async () => {
    expect(await check.run(new FakeCluster(), params)).toEqual({ outcome: 'pass' });
  });

  test('no swarm at all names the manager and how to begin', async () => {
    const cluster = new FakeCluster();
    cluster.info['host01'] = alone;
    cluster.info['host02'] = alone;
    const verdict = await check.run(cluster, params);
    expect(reason(verdict)).toBe('host01 is in no swarm; it should manage one.');
    expect(verdict).toMatchObject({ hint: { en: expect.stringContaining('docker swarm init') } });
  });

  test('a worker that has not joined is named', async () => {
    const cluster = new FakeCluster();
    cluster.info['host02'] = alone;
    expect(reason(await check.run(cluster, params))).toContain(
      'host02 is in no swarm; that of host01 has 2 node(s).',
    );
  });

  test('a worker with a swarm of its own is told to leave it', async () => {
    const cluster = new FakeCluster();
    cluster.info['host02'] = { state: 'active', nodeId: 'elsewhere', manager: true, error: '' };
    const verdict = await check.run(cluster, params);
    expect(reason(verdict)).toContain('not in the one that host01 manages');
    expect(verdict).toMatchObject({ hint: { en: expect.stringContaining('leave --force') } });
  });

  test('a node of the same name in another swarm does not pass for the worker', async () => {
    const cluster = new FakeCluster();
    cluster.info['host02'] = { state: 'active', nodeId: 'other-id', manager: false, error: '' };
    expect(reason(await check.run(cluster, params))).toContain('not in the one');
  });

  test('a manager that is only a worker is told so', async () => {
    const cluster = new FakeCluster();
    cluster.info['host01'] = { state: 'active', nodeId: 'node1', manager: false, error: '' };
    expect(reason(await check.run(cluster, params))).toContain('should be the manager');
  });

  test('a worker that joined as a manager is to be demoted', async () => {
    const cluster = new FakeCluster();
    cluster.nodes = cluster.nodes.map((node) => ({ ...node, role: 'manager' }));
    expect(reason(await check.run(cluster, params))).toContain('joined as a manager');
  });

  test('a drained worker gets no tasks and does not pass', async () => {
    const cluster = new FakeCluster();
    cluster.nodes = cluster.nodes.map((node) => ({ ...node, availability: 'drain' }));
    expect(reason(await check.run(cluster, params))).toContain('drain');
  });

  test('a worker that is there twice under its name, having joined again, is named so that Docker knows which', async () => {
    const cluster = new FakeCluster();
    const [, worker] = cluster.nodes;
    if (!worker) throw new Error('There is no worker.');
    cluster.nodes.push({ ...worker, id: 'earlier', state: 'down' });
    for (const change of [{ role: 'manager' }, { availability: 'drain' }] as const) {
      cluster.nodes[1] = { ...worker, ...change };
      expect(await check.run(cluster, params)).toMatchObject({
        hint: { en: expect.stringContaining(' node2”') },
      });
    }
  });

  test('a manager whose fellow has gone is told that its swarm has no leader, and how it goes on', async () => {
    const error =
      "rpc error: The swarm does not have a leader. It's possible that too few managers are online.";
    for (const [validator, wanted] of [
      [check, params],
      [overlayNetwork, { network: 'eg1' }],
    ] as const) {
      const cluster = new FakeCluster();
      cluster.info['host01'] = { state: 'active', nodeId: 'node1', manager: true, error };
      const verdict = await validator.run(cluster, wanted);
      expect(reason(verdict)).toContain('The swarm that host01 manages has no leader');
      expect(verdict).toMatchObject({ hint: { en: expect.stringContaining('--force-new-cluster') } });
    }
  });

  test('a locked swarm is to be unlocked', async () => {
    const cluster = new FakeCluster();
    cluster.info['host01'] = { state: 'locked', nodeId: '', manager: false, error: 'Swarm is encrypted' };
    expect(await check.run(cluster, params)).toMatchObject({
      reason: { en: expect.stringContaining('The swarm of host01 is locked') },
      hint: { en: expect.stringContaining('docker swarm unlock') },
    });
  });

  test('a worker that becomes ready while the check waits passes', async () => {
    const cluster = new FakeCluster();
    const ready = cluster.nodes;
    cluster.nodes = ready.map((node) => ({ ...node, state: 'unknown' }));
    cluster.onWait = (now) => {
      if (now >= 3_000) cluster.nodes = ready;
    };
    expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
  });

  test('a worker that stays down fails with the state that was seen', async () => {
    const cluster = new FakeCluster();
    cluster.nodes = cluster.nodes.map((node) => ({ ...node, state: 'down' }));
    expect(reason(await check.run(cluster, params))).toContain('“down”');
  });

  test('a host that cannot be asked is no verdict', async () => {
    const cluster = new FakeCluster();
    cluster.engine = () => {
      throw new Error('connection refused');
    };
    await expect(check.run(cluster, params)).rejects.toThrow('connection refused');
  });
});
