import { areOwn } from '../own-hosts/own-hosts.ts';
import type { SessionStore } from './store.ts';

/** The clusters of the labs that an earlier server has left open on its engine; machines that exist already are none. */
export const keptClusters = (store: Pick<SessionStore, 'load'>): ReadonlySet<string> =>
  new Set(store.load().flatMap(({ cluster }) => (cluster === null || areOwn(cluster) ? [] : [cluster])));
