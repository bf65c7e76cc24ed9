import { describe, expect, test } from 'vitest';
import check from '../../../validators/requests-counted.ts';
import { FakeCheckContext, reason } from './fake-context.ts';

const params = { service: 'redis', key: 'requests', atLeast: 2 };

function withTotal(stdout: string, exitCode = 0, stderr = '') {
  const cluster = new FakeCheckContext();
  cluster.addService('redis', ['node2']);
  cluster.answer = () => ({ exitCode, stdout, stderr });
  return cluster;
}

describe('requests-counted', () => {
  test('a total of at least n passes, read in the container on whichever host it runs', async () => {
    const cluster = withTotal('2\n');
    expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
    expect(cluster.commands).toEqual([
      {
        where: `container:${cluster.tasks[0]?.containerId}`,
        command: ['redis-cli', '--raw', 'get', 'requests'],
      },
    ]);
  });

  test.each([
    ['too few', '1\n', '1 request(s) have been counted; at least 2 were expected.'],
    ['none at all', '\n', '0 request(s) have been counted; at least 2 were expected.'],
  ])('%s fails with the count', async (_name, stdout, expected) => {
    expect(reason(await check.run(withTotal(stdout), params))).toBe(expected);
  });

  test('a Redis that cannot be asked breaks the check and does not count against the learner', async () => {
    const cluster = withTotal('', 127, 'exec: "redis-cli": executable file not found');
    await expect(check.run(cluster, params)).rejects.toThrow('executable file not found');
  });

  test.each([
    ['', 1, 'Could not connect to Redis at 127.0.0.1:6379: Connection refused\n'],
    ['LOADING Redis is loading the dataset in memory\n', 0, ''],
  ])('a Redis that is starting is waited for and then named: %j, exit code %i, %j', async (...output) => {
    const cluster = withTotal(...output);
    expect(reason(await check.run(cluster, params))).toContain('is starting and does not answer yet');
    cluster.onWait = () => (cluster.answer = () => ({ exitCode: 0, stdout: '2\n', stderr: '' }));
    expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
  });

  test('a Redis that does not run yet is waited for and then named', async () => {
    const cluster = withTotal('5\n');
    for (const task of cluster.tasks) task.state = 'pending';
    expect(reason(await check.run(cluster, params))).toBe('No task of redis is running yet.');
    expect(cluster.commands).toEqual([]);
  });
});
