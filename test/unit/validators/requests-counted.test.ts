import { describe, expect, test } from 'vitest';
import type { NoAnswer, RedisReply } from '../../../validators/kit/index.ts';
import check from '../../../validators/requests-counted.ts';
import { FakeCluster, reason } from '../../../validators/kit/fake-cluster.ts';

const params = { service: 'redis', key: 'requests', atLeast: 2 };

function withReply(reply: RedisReply | NoAnswer) {
  const cluster = new FakeCluster();
  cluster.addService('redis', ['node2']);
  cluster.addresses[cluster.tasks[0]?.containerId ?? ''] = '172.18.0.3';
  cluster.redisReply = () => reply;
  return cluster;
}

describe('requests-counted', () => {
  test('a total of at least n passes, asked of Redis from the host that it runs on', async () => {
    const cluster = withReply({ value: '2' });
    expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
    expect(cluster.requests).toEqual([{ from: 'host02', to: '172.18.0.3:6379', what: 'requests' }]);
  });

  test.each([
    ['too few', '1', '1 request(s) have been counted; at least 2 were expected.'],
    ['none at all', null, '0 request(s) have been counted; at least 2 were expected.'],
  ])('%s fails with the count', async (_name, value, expected) => {
    expect(reason(await check.run(withReply({ value }), params))).toBe(expected);
  });

  test.each([
    ['refuses', { error: 'NOAUTH Authentication required.' }, 'NOAUTH'],
    ['counts in words', { value: 'many' }, 'is no count: many'],
  ])(
    'a Redis that %s breaks the check and does not count against the learner',
    async (_name, reply, said) => {
      await expect(check.run(withReply(reply), params)).rejects.toThrow(said);
    },
  );

  test.each([{ failure: 'Connection refused' }, { error: 'LOADING Redis is loading the dataset in memory' }])(
    'a Redis that is starting is waited for and then named: %j',
    async (reply) => {
      const cluster = withReply(reply);
      expect(reason(await check.run(cluster, params))).toContain('does not answer yet');
      cluster.onWait = () => (cluster.redisReply = () => ({ value: '2' }));
      expect(await check.run(cluster, params)).toEqual({ outcome: 'pass' });
    },
  );

  test('a Redis on internal networks only fails, as it cannot be reached', async () => {
    const cluster = withReply({ value: '2' });
    for (const id of Object.keys(cluster.addresses)) delete cluster.addresses[id];
    expect(reason(await check.run(cluster, params))).toContain('internal networks only');
    expect(cluster.requests).toEqual([]);
  });

  test('a Redis that does not run yet is waited for and then named', async () => {
    const cluster = withReply({ value: '5' });
    for (const task of cluster.tasks) task.state = 'pending';
    expect(reason(await check.run(cluster, params))).toBe('No task of redis is running yet.');
    expect(cluster.requests).toEqual([]);
  });
});
