import type { Cluster } from './cluster.ts';

/** The same cluster, which is disposed of in another way. */
export const withDisposal = (cluster: Cluster, dispose: () => Promise<void>): Cluster => ({
  id: cluster.id,
  hosts: cluster.hosts,
  openAhead: (signal) => cluster.openAhead(signal),
  freeze: () => cluster.freeze(),
  thaw: () => cluster.thaw(),
  untilHostLost: (signal) => cluster.untilHostLost(signal),
  [Symbol.asyncDispose]: dispose,
});
