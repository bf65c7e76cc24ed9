import { describe, expect, test } from 'vitest';
import check from '../../../validators/alternating-hostnames.ts';
import { FakeCheckContext, reason } from './fake-context.ts';

const params = { service: 'lbapp1', port: 81, from: ['host01', 'host02'] };

/** Answers as the mesh does: each host takes the replicas in turn. */
function withMesh(replicas: readonly string[]) {
  const cluster = new FakeCheckContext();
  cluster.addService('lbapp1', ['node1', 'node2']);
  const turn: Record<string, number> = { host01: 0, host02: 0 };
  cluster.answer = (host, command) => {
    const urls = command.filter((word) => word.startsWith('http://'));
    const answers = urls.map(() => {
      const next = replicas[(turn[host] ?? 0) % replicas.length] ?? '';
      turn[host] = (turn[host] ?? 0) + 1;
      return `<h1>This request was processed by host: ${next.slice(0, 12)}</h1>\n`;
    });
    return { exitCode: 0, stdout: answers.join(''), stderr: '' };
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

  test('each host is asked at its own address, in one process', async () => {
    const { cluster } = withMesh(replicas);
    await check.run(cluster, params);
    expect(cluster.commands.map(({ where, command }) => [where, command.at(-1)])).toEqual([
      ['host01', 'http://172.16.0.11:81/'],
      ['host02', 'http://172.16.0.12:81/'],
    ]);
  });

  test('one replica that never answers fails, with the count and the one that did', async () => {
    const { cluster } = withMesh(replicas.slice(0, 1));
    const seen = reason(await check.run(cluster, params));
    expect(seen).toContain('From host01, 1 of 2 replicas answered on port 81 (lbapp11ccccc)');
  });

  test('answers of another service do not count', async () => {
    const { cluster } = withMesh(['somebody-else']);
    expect(reason(await check.run(cluster, params))).toContain('0 of 2 replicas');
  });

  test('a refused connection is a fail that says what curl said', async () => {
    const { cluster } = withMesh(replicas);
    cluster.answer = () => ({ exitCode: 7, stdout: '', stderr: 'curl: (7) Connection refused\n' });
    expect(reason(await check.run(cluster, params))).toContain('curl says: curl: (7) Connection refused');
  });

  test('nothing is requested before all replicas run', async () => {
    const { cluster } = withMesh(replicas);
    Object.assign(cluster.tasks[1] ?? {}, { state: 'starting' });
    expect(reason(await check.run(cluster, params))).toContain('1 still starting');
    expect(cluster.commands).toEqual([]);
  });
});
