import { describe, expect, test } from 'vitest';
import { FakeCluster, reason } from '../../../validators/kit/fake-cluster.ts';
import type { NoAnswer, Addresses } from '../../../validators/kit/index.ts';
import check from '../../../validators/dns-returns-vip.ts';

const params = { service: 'http', network: 'eg1' };
const vip = { networkId: 'net1', address: '10.0.1.2' };

function withReply(reply: Addresses | NoAnswer) {
  const cluster = new FakeCluster();
  cluster.networks = [{ id: 'net1', name: 'eg1', driver: 'overlay', scope: 'swarm', attachable: true }];
  cluster.addService('http', ['node2'], { virtualIps: [vip] });
  cluster.lookupReply = () => reply;
  return cluster;
}

describe('dns-returns-vip', () => {
  test('the virtual IP alone passes, asked from within a container of the service', async () => {
    const cluster = withReply({ addresses: ['10.0.1.2'] });
    expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
    expect(cluster.requests).toEqual([
      { from: cluster.tasks[0]?.containerId, to: 'name server', what: 'http' },
    ]);
  });

  test.each([
    ['no address', { addresses: [] }, 'leads to nothing; its virtual IP 10.0.1.2 was expected'],
    ['another address', { addresses: ['10.0.1.9'] }, 'leads to 10.0.1.9'],
    ['one address too many', { addresses: ['10.0.1.2', '10.0.1.9'] }, 'leads to 10.0.1.2, 10.0.1.9'],
    ['no answer', { failure: 'Connection refused' }, 'does not answer on host02 (Connection refused)'],
  ])('%s fails with its own reason', async (_name, reply, expected) => {
    expect(reason(await check.run(withReply(reply), params))).toContain(expected);
  });

  test.each([
    [
      'another network',
      { virtualIps: [{ networkId: 'ingress', address: '10.0.0.5' }] },
      'has no virtual IP on network eg1',
    ],
    ['the endpoint mode dnsrr', { virtualIps: [], endpointMode: 'dnsrr' }, 'its endpoint mode is dnsrr'],
  ] as const)(
    'a service on %s fails with its own reason, and nobody is asked',
    async (_name, change, said) => {
      const cluster = withReply({ addresses: ['10.0.1.2'] });
      Object.assign(cluster.services[0] ?? {}, change);
      expect(reason(await check.run(cluster, params))).toContain(said);
      expect(cluster.requests).toEqual([]);
    },
  );

  test('a service without a running task is waited for and then named', async () => {
    const cluster = withReply({ addresses: ['10.0.1.2'] });
    for (const task of cluster.tasks) task.state = 'preparing';
    expect(reason(await check.run(cluster, params))).toContain('No task of http is running');
    cluster.onWait = () => cluster.tasks.forEach((task) => (task.state = 'running'));
    expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
  });
});
