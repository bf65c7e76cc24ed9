import { expect, test } from 'vitest';
import { clusterContext } from '../../../server/checks/cluster-context.ts';
import { FakeCluster } from '../../support/fake-cluster.ts';

const OUTPUT = { exitCode: 0, stdout: 'web1\n', stderr: '' };

function curl(truncated: boolean) {
  const cluster = new FakeCluster(['host01']);
  cluster.host('host01').onExec = async () => ({ ...OUTPUT, truncated });
  return clusterContext(cluster, new AbortController().signal).exec('host01', ['curl', 'http://web']);
}

test('a validator is given what a command printed', async () => {
  expect(await curl(false)).toEqual(OUTPUT);
});

test('an output that was cut is an error: what is missing may be what a validator looks for', async () => {
  await expect(curl(true)).rejects.toThrow('curl on host01 printed more than 64 KiB');
});
