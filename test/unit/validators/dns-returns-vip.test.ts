import { describe, expect, test } from 'vitest';
import check from '../../../validators/dns-returns-vip.ts';
import { FakeCheckContext, reason } from './fake-context.ts';

const params = { service: 'http', network: 'eg1' };
const vip = { networkId: 'net1', address: '10.0.1.2' };

function withService() {
  const cluster = new FakeCheckContext();
  cluster.networks = [{ id: 'net1', name: 'eg1', driver: 'overlay', scope: 'swarm', attachable: true }];
  cluster.addService('http', ['node1', 'node2'], { virtualIps: [vip] });
  return cluster;
}

const dig = {
  id: 'dig-id',
  names: ['dig'],
  image: 'benhall/dig',
  command: 'dig http',
  networks: [{ name: 'eg1', id: 'net1' }],
  serviceId: null,
};
const answer = ';; ANSWER SECTION:\nhttp.\t600\tIN\tA\t10.0.1.2\n';

describe('dns-returns-vip', () => {
  test('an exited container whose output shows the name with the virtual IP passes', async () => {
    const cluster = withService();
    cluster.containers['host01'] = [dig];
    cluster.logs['dig-id'] = answer;
    expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
  });

  test('any other tool on any host will do', async () => {
    const cluster = withService();
    cluster.containers['host02'] = [{ ...dig, image: 'alpine', command: 'ping -c5 http' }];
    cluster.logs['dig-id'] = 'PING http (10.0.1.2): 56 data bytes';
    expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
  });

  test('a short answer passes by the command that asked for the name', async () => {
    const cluster = withService();
    cluster.containers['host01'] = [{ ...dig, command: 'dig +short http' }];
    cluster.logs['dig-id'] = '10.0.1.2\n';
    expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
  });

  test('no container says that there was none', async () => {
    expect(reason(await check.run(withService(), params))).toContain('No container of your own was found');
  });

  test("the service's own containers are not the learner's", async () => {
    const cluster = withService();
    cluster.containers['host01'] = [{ ...dig, serviceId: 'http-id' }];
    cluster.logs['dig-id'] = answer;
    expect(reason(await check.run(cluster, params))).toContain('No container');
  });

  test('a container on another network does not count', async () => {
    const cluster = withService();
    cluster.containers['host01'] = [{ ...dig, networks: [{ name: 'bridge', id: 'b' }] }];
    cluster.logs['dig-id'] = answer;
    expect(reason(await check.run(cluster, params))).toContain('No container');
  });

  test('where an image is asked for, others do not count', async () => {
    const cluster = withService();
    cluster.containers['host01'] = [dig];
    cluster.logs['dig-id'] = answer;
    expect(await check.run(cluster, { ...params, image: 'benhall/dig:latest' })).toEqual({ outcome: 'pass' });
    expect(reason(await check.run(cluster, { ...params, image: 'alpine' }))).toContain(
      'No container of alpine',
    );
  });

  test.each([
    ['a failed lookup', ';; status: NXDOMAIN\n;http. IN A\n'],
    ['an address that only begins like it', 'http. 600 IN A 10.0.1.25\n'],
    ['an address that only ends like it', 'http. 600 IN A 110.0.1.2\n'],
    ['the address of another name', 'PING 10.0.1.2 (10.0.1.2): 56 data bytes'],
  ])('%s fails and the expected address is told', async (_name, log) => {
    const cluster = withService();
    cluster.containers['host01'] = [{ ...dig, command: 'sh' }];
    cluster.logs['dig-id'] = log;
    expect(reason(await check.run(cluster, params))).toBe(
      'The virtual IP of http is 10.0.1.2, but the output of dig does not show it for that name.',
    );
  });

  test('a service without a virtual IP there says so', async () => {
    const cluster = withService();
    Object.assign(cluster.services[0] ?? {}, { virtualIps: [{ networkId: 'ingress', address: '10.0.0.5' }] });
    expect(reason(await check.run(cluster, params))).toBe('http has no virtual IP on network eg1.');
  });
});
