import { setTimeout as delay } from 'node:timers/promises';
import type { CheckContext } from '../../validators/kit/index.ts';
import type { Cluster, Host } from '../clusters/cluster.ts';
import { EngineClient } from './engine-client.ts';
import { engineView } from './engine-view.ts';
import { networkView } from './network-view.ts';

/** What a validator sees of a real cluster until `signal` is aborted. */
export function clusterContext(cluster: Cluster, signal: AbortSignal): CheckContext {
  const hostNamed = (name: string): Host => {
    const host = cluster.hosts.get(name);
    if (!host) throw new Error(`The cluster has no host named ${name}.`);
    return host;
  };
  return {
    hosts: [...cluster.hosts.keys()].toSorted(),
    engine: (name) => engineView(new EngineClient(hostNamed(name), signal)),
    address: (name) => hostNamed(name).address,
    network: (name) => networkView(hostNamed(name), signal),
    signal,
    clock: {
      now: () => performance.now(),
      sleep: (milliseconds) => delay(milliseconds, undefined, { signal }),
    },
  };
}
