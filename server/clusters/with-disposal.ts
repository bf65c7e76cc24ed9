import type { Cluster } from './cluster.ts';

/** The same cluster, which is disposed of in another way. */
export const withDisposal = (cluster: Cluster, dispose: () => Promise<void>): Cluster => ({
  id: cluster.id,
  hosts: cluster.hosts,
  warmUp: (signal) => cluster.warmUp(signal),
  freeze: () => cluster.freeze(),
  thaw: () => cluster.thaw(),
  untilHostLost: (signal) => cluster.untilHostLost(signal),
  [Symbol.asyncDispose]: dispose,
});
