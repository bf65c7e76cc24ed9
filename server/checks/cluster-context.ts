import { setTimeout as delay } from 'node:timers/promises';
import type { CheckContext } from '../../validators/kit/index.ts';
import type { Cluster, Host } from '../clusters/cluster.ts';
import { EngineClient } from './engine-client.ts';
import { engineView } from './engine-view.ts';

const OUTPUT_LIMIT = 64 * 1024;

/** Kept as long as the host itself, so that each check run finds its connection open. */
const clients = new WeakMap<Host, EngineClient>();

const clientOf = (host: Host): EngineClient => {
  const known = clients.get(host) ?? new EngineClient(host);
  clients.set(host, known);
  return known;
};

/** What a validator sees of a real cluster until `signal` is aborted. */
export function clusterContext(cluster: Cluster, signal: AbortSignal): CheckContext {
  const hostNamed = (name: string): Host => {
    const host = cluster.hosts.get(name);
    if (!host) throw new Error(`The cluster has no host named ${name}.`);
    return host;
  };
  return {
    hosts: [...cluster.hosts.keys()].toSorted(),
    engine: (name) => engineView(name, clientOf(hostNamed(name)), signal),
    address: (name) => hostNamed(name).address,
    exec: async (name, command) => {
      const { truncated, ...output } = await hostNamed(name).exec(command, { signal, limit: OUTPUT_LIMIT });
      // Part of an output would be judged as if it were all of it.
      if (truncated) throw new Error(`${command[0]} on ${name} printed more than ${OUTPUT_LIMIT / 1024} KiB`);
      return output;
    },
    signal,
    clock: {
      now: () => performance.now(),
      sleep: (milliseconds) => delay(milliseconds, undefined, { signal }),
    },
  };
}
