import { describe, expect, test } from 'vitest';
import check from '../../../validators/alternating-hostnames.ts';
import { FakeCluster, reason } from '../../../validators/kit/fake-cluster.ts';

const params = { service: 'lbapp1', port: 81, from: ['host01', 'host02'] };

/** Answers as the mesh does: each host takes the replicas in turn. */
function withMesh(replicas: readonly string[]) {
  const cluster = new FakeCluster();
  cluster.addService('lbapp1', ['node1', 'node2']);
  const turn: Record<string, number> = { host01: 0, host02: 0 };
  cluster.httpReply = ({ host }) => {
    const next = replicas[(turn[host] ?? 0) % replicas.length] ?? '';
    turn[host] = (turn[host] ?? 0) + 1;
    return { status: 200, body: `<h1>This request was processed by host: ${next.slice(0, 12)}</h1>` };
  };
  return { cluster, turn, replicas: cluster.tasks.map((task) => task.containerId) };
}

describe('alternating-hostnames', () => {
  const replicas = withMesh([]).replicas;

  test('every replica answering from every host passes', async () => {
    expect(await check.run(withMesh(replicas).cluster, params)).toEqual({ outcome: 'pass' });
  });

  test('whole rounds only: the rotation stands where it stood', async () => {
    const { cluster, turn } = withMesh(replicas);
    await check.run(cluster, params);
    expect(turn['host01']).toBeGreaterThan(0);
    expect(Object.values(turn).map((requests) => requests % replicas.length)).toEqual([0, 0]);
  });

  test('each host is asked at its own address, from its own network', async () => {
    const { cluster } = withMesh(replicas);
    await check.run(cluster, params);
    const once = new Set(cluster.requests.map(({ from, to, what }) => `${from}: ${to}${what}`));
    expect([...once]).toEqual(['host01: 172.16.0.11:81/', 'host02: 172.16.0.12:81/']);
  });

  test('one replica that never answers fails, with the count and the one that did', async () => {
    const { cluster } = withMesh(replicas.slice(0, 1));
    const seen = reason(await check.run(cluster, params));
    expect(seen).toContain('From host01, 1 of 2 replicas answered on port 81 (lbapp11ccccc)');
  });

  test('a service with more replicas than can be asked at once fails, and nothing is sent', async () => {
    const { cluster } = withMesh(replicas);
    cluster.services = [];
    cluster.tasks = [];
    cluster.addService(
      'lbapp1',
      Array.from({ length: 51 }, () => 'node1'),
    );
    expect(reason(await check.run(cluster, params))).toContain('lbapp1 has 51 replicas; of more than 50');
    expect(cluster.requests).toEqual([]);
  });

  test('the requests of a round are sent at once, so that hardly one of the learner’s comes in between', async () => {
    const { cluster } = withMesh(replicas);
    const order: string[] = [];
    const network = cluster.network('host01');
    cluster.network = () => ({
      ...network,
      httpGet: async (url) => {
        order.push('sent');
        const reply = await network.httpGet(url);
        order.push('answered');
        return reply;
      },
    });
    await check.run(cluster, { ...params, from: ['host01'] });
    expect(order).toEqual(['sent', 'sent', 'answered', 'answered']);
  });

  test('answers of another service do not count', async () => {
    const { cluster } = withMesh(['somebody-else']);
    expect(reason(await check.run(cluster, params))).toContain('0 of 2 replicas');
  });

  test('a refused connection is a fail that says so', async () => {
    const { cluster } = withMesh(replicas);
    cluster.httpReply = () => ({ failure: 'Connection refused' });
    expect(reason(await check.run(cluster, params))).toContain('one request failed: Connection refused');
  });

  test('a replica that does not answer is not asked less often: the rounds stay whole', async () => {
    const { cluster, turn } = withMesh(replicas);
    const answer = cluster.httpReply;
    cluster.httpReply = (from, path) => {
      const { host } = from;
      const reply = answer(from, path);
      return (turn[host] ?? 0) % 2 === 0 ? { failure: 'no answer within 5 seconds' } : reply;
    };
    expect(reason(await check.run(cluster, { ...params, from: ['host01'] }))).toContain('1 of 2 replicas');
    expect((turn['host01'] ?? 0) % replicas.length).toBe(0);
  });

  test('nothing is requested before all replicas run', async () => {
    const { cluster } = withMesh(replicas);
    Object.assign(cluster.tasks[1] ?? {}, { state: 'starting' });
    expect(reason(await check.run(cluster, params))).toContain('1 still starting');
    expect(cluster.requests).toEqual([]);
  });
});
