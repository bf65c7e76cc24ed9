import { describe, expect, test } from 'vitest';
import check from '../../../validators/service-replicated.ts';
import { FakeCluster, reason } from '../../../validators/kit/fake-cluster.ts';

const params = {
  service: 'lbapp1',
  replicas: 2,
  image: 'katacoda/docker-http-server',
  published: { port: 81, target: 80 },
};
const ports = [{ published: 81, target: 80, protocol: 'tcp', mode: 'ingress' }] as const;
const nodes = ['node1', 'node2'];

describe('service-replicated', () => {
  test('the service as asked for passes, whatever tag or digest its image got', async () => {
    const cluster = new FakeCluster();
    cluster.addService('lbapp1', nodes, { ports });
    expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
  });

  test('both replicas on one host are two replicas', async () => {
    const cluster = new FakeCluster();
    cluster.addService('lbapp1', ['node1', 'node1'], { ports });
    expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
  });

  test('a further published port does no harm', async () => {
    const cluster = new FakeCluster();
    const further = { published: 8081, target: 80, protocol: 'tcp', mode: 'ingress' } as const;
    cluster.addService('lbapp1', nodes, { ports: [further, ...ports] });
    expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
  });

  test.each([
    ['a missing service', undefined, 'There is no service named “lbapp1”; the swarm has other'],
    ['another image', { image: 'nginx:1' }, 'runs the image nginx:1'],
    ['another number of replicas', { replicas: 3 }, 'asks for 3 replica(s); 2 were expected'],
    ['a global service', { mode: 'global', replicas: null }, 'is a global service'],
    ['no published port', { ports: [] }, 'it publishes nothing'],
    ['another published port', { ports: [{ ...ports[0], published: 82 }] }, 'it publishes 82:80'],
    ['another target', { ports: [{ ...ports[0], target: 8080 }] }, 'leads to port 8080'],
    ['another protocol', { ports: [{ ...ports[0], protocol: 'udp' }] }, 'for udp; tcp was expected'],
    ['too few replicas', { replicas: 1 }, 'asks for 1 replica(s); 2 were expected'],
    ['a job', { mode: 'job', replicas: null }, 'is a job service'],
    ['host mode', { ports: [{ ...ports[0], mode: 'host' }] }, 'in host mode'],
  ] as const)('%s fails with its own reason', async (_name, change, expected) => {
    const cluster = new FakeCluster();
    cluster.addService('other', ['node1']);
    if (change) cluster.addService('lbapp1', nodes, { ports, ...change });
    expect(reason(await check.run(cluster, params))).toContain(expected);
  });

  describe('where more replicas and a global service do as well', () => {
    const allowing = { ...params, allow: ['more', 'global'] };
    const run = async (on: readonly string[], change: object) => {
      const cluster = new FakeCluster();
      cluster.addService('lbapp1', on, { ports, ...change });
      return { cluster, verdict: await check.run(cluster, allowing) };
    };

    test('both pass', async () => {
      expect((await run([...nodes, 'node1'], {})).verdict).toEqual({ outcome: 'pass' });
      expect((await run(nodes, { mode: 'global', replicas: null })).verdict).toEqual({ outcome: 'pass' });
    });

    test('fewer still fail, and a global service on too few nodes', async () => {
      expect(reason((await run(['node1'], {})).verdict)).toBe(
        'lbapp1 asks for 1 replica(s); at least 2 were expected.',
      );
      expect(reason((await run(['node1'], { mode: 'global', replicas: null })).verdict)).toBe(
        'lbapp1 has 1 of 2 replicas running.',
      );
    });

    test('all that are asked for have to run', async () => {
      const { cluster } = await run([...nodes, 'node1'], {});
      Object.assign(cluster.tasks[2] ?? {}, { state: 'preparing' });
      expect(reason(await check.run(cluster, allowing))).toBe('lbapp1 has 2 of 3 replicas running.');
    });
  });

  test('replicas that never start are counted, with what the swarm says of them', async () => {
    const cluster = new FakeCluster();
    cluster.addService('lbapp1', nodes, { ports });
    Object.assign(cluster.tasks[1] ?? {}, { state: 'rejected', error: 'No such image' });
    const verdict = await check.run(cluster, params);
    expect(reason(verdict)).toBe('lbapp1 has 1 of 2 replicas running; a task says: No such image.');
  });

  test('a port that is published for udp as well is published for tcp', async () => {
    const cluster = new FakeCluster();
    cluster.addService('lbapp1', nodes, { ports: [{ ...ports[0], protocol: 'udp' }, ...ports] });
    expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
  });

  test('tasks that an update has not reached yet are no replicas of what was asked for', async () => {
    const cluster = new FakeCluster();
    cluster.addService('lbapp1', nodes, { ports });
    const [old] = cluster.tasks;
    if (old) old.image = 'redis:alpine';
    expect(reason(await check.run(cluster, params))).toBe(
      'lbapp1 has 1 of 2 replicas running; 1 still run an earlier image.',
    );
    cluster.onWait = () => void (old && (old.image = cluster.services[0]?.image ?? ''));
    expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
  });

  test('what a task that has yet to start says comes before what an earlier one has ended on', async () => {
    const cluster = new FakeCluster();
    cluster.addService('lbapp1', nodes, { ports });
    Object.assign(cluster.tasks[0] ?? {}, {
      desired: 'shutdown',
      state: 'failed',
      error: 'non-zero exit (1)',
    });
    Object.assign(cluster.tasks[1] ?? {}, { state: 'pending', error: 'no suitable node' });
    expect(reason(await check.run(cluster, params))).toContain('a task says: no suitable node.');
  });

  test('a name that differs in capitals alone comes with the way past Docker, which takes both for one', async () => {
    const cluster = new FakeCluster();
    cluster.addService('LBapp1', nodes, { ports });
    expect(await check.run(cluster, params)).toMatchObject({
      reason: { en: 'There is no service named “lbapp1”; the swarm has LBapp1.' },
      hint: { en: expect.stringContaining('Remove it with “docker service rm LBapp1” on host01 first') },
    });
  });

  test('a task that is being shut down is no replica', async () => {
    const cluster = new FakeCluster();
    cluster.addService('lbapp1', nodes, { ports });
    Object.assign(cluster.tasks[1] ?? {}, { desired: 'shutdown' });
    expect(reason(await check.run(cluster, params))).toContain('1 of 2');
  });

  test('replicas that start while the check waits pass', async () => {
    const cluster = new FakeCluster();
    cluster.addService('lbapp1', nodes, { ports });
    for (const task of cluster.tasks) task.state = 'preparing';
    cluster.onWait = (now) => {
      if (now >= 10_000) for (const task of cluster.tasks) task.state = 'running';
    };
    expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
  });

  test('without a swarm, the first step is named and nothing breaks', async () => {
    const cluster = new FakeCluster();
    cluster.info['host01'] = { state: 'inactive', nodeId: '', manager: false, error: '' };
    expect(reason(await check.run(cluster, params))).toContain('No host manages a swarm');
  });

  test('parameters that its schema does not know are refused', async () => {
    await expect(check.run(new FakeCluster(), { ...params, port: 1 })).rejects.toThrow(/unrecognized/i);
  });
});
