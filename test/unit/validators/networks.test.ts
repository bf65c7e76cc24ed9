import { describe, expect, test } from 'vitest';
import overlayNetwork from '../../../validators/overlay-network.ts';
import serviceOnNetwork from '../../../validators/service-on-network.ts';
import tasksOnHosts from '../../../validators/tasks-on-hosts.ts';
import { FakeCluster, reason } from '../../../validators/kit/fake-cluster.ts';

const eg1 = { id: 'net1', name: 'eg1', driver: 'overlay', scope: 'swarm', attachable: true };

describe('overlay-network', () => {
  const params = { network: 'eg1', attachable: true };
  const look = async (networks: (typeof eg1)[], wanted: object = params) => {
    const cluster = new FakeCluster();
    cluster.networks = networks;
    return overlayNetwork.run(cluster, wanted);
  };

  test('an attachable overlay passes', async () => {
    expect(await look([eg1])).toEqual({ outcome: 'pass' });
  });

  test('a local network of the same name beside it does not hide it', async () => {
    expect(await look([{ ...eg1, driver: 'bridge', scope: 'local' }, eg1])).toEqual({ outcome: 'pass' });
  });

  test('where attachable is not asked for, either will do', async () => {
    expect(await look([{ ...eg1, attachable: false }], { network: 'eg1' })).toEqual({ outcome: 'pass' });
    expect(await look([eg1], { network: 'eg1' })).toEqual({ outcome: 'pass' });
  });

  test.each([
    ['a missing network', [], 'There is no network named “eg1”'],
    ['one in capitals', [{ ...eg1, name: 'EG1' }], 'no network named “eg1”, but one named “EG1”.'],
    ['a bridge', [{ ...eg1, driver: 'bridge', scope: 'local' }], 'of the driver “bridge”'],
    ['an overlay for services only', [{ ...eg1, attachable: false }], 'not attachable'],
  ])('%s fails with its own reason', async (_name, networks, expected) => {
    expect(reason(await look(networks))).toContain(expected);
  });
});

describe('service-on-network', () => {
  const params = { service: 'http', network: 'eg1' };

  test.each([
    ['by id', 'net1'],
    ['by name', 'eg1'],
  ])('a network given %s passes', async (_name, target) => {
    const cluster = new FakeCluster();
    cluster.networks = [eg1];
    cluster.addService('http', ['node1'], { networks: [target] });
    expect(await serviceOnNetwork.run(cluster, params)).toEqual({ outcome: 'pass' });
  });

  test('another network fails and is named', async () => {
    const cluster = new FakeCluster();
    cluster.networks = [eg1, { ...eg1, id: 'net2', name: 'eg2' }];
    cluster.addService('http', ['node1'], { networks: ['net2'] });
    expect(reason(await serviceOnNetwork.run(cluster, params))).toBe(
      'http is not on network eg1; it is on eg2.',
    );
  });
});

describe('tasks-on-hosts', () => {
  const params = { service: 'app1-web', hosts: ['host01', 'host02'] };

  test('a running task on each host passes', async () => {
    const cluster = new FakeCluster();
    cluster.addService('app1-web', ['node2', 'node1']);
    expect(await tasksOnHosts.run(cluster, params)).toEqual({ outcome: 'pass' });
  });

  test('a host without one is named', async () => {
    const cluster = new FakeCluster();
    cluster.addService('app1-web', ['node1', 'node1']);
    expect(reason(await tasksOnHosts.run(cluster, params))).toBe(
      'app1-web has no running task on host02; 2 task(s) run elsewhere.',
    );
  });
});
