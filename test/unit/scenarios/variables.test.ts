import { expect, test } from 'vitest';
import { clusterVariables } from '../../../server/scenarios/variables.ts';
import { FakeCluster } from '../../support/fake-cluster.ts';

test('a variable goes by its host’s number, whatever the order and the number of the hosts', () => {
  const cluster = new FakeCluster(['host03', 'host01']);
  expect(clusterVariables(cluster)).toEqual({
    HOST1_IP: cluster.host('host01').address,
    HOST3_IP: cluster.host('host03').address,
  });
});
