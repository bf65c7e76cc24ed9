import { areOwn } from '../own-hosts/own-hosts.ts';
import type { SessionStore, StoredSession } from './store.ts';

/** The cluster of a lab that an earlier server has left; null where there is none, as on machines that exist already. */
export const keptCluster = ({ cluster }: Pick<StoredSession, 'cluster'>): string | null =>
  cluster === null || areOwn(cluster) ? null : cluster;

/** Those of all labs that are open. */
export const keptClusters = (store: Pick<SessionStore, 'load'>): ReadonlySet<string> =>
  new Set(store.load().flatMap((stored) => keptCluster(stored) ?? []));
