import type { Cluster } from '../clusters/cluster.ts';
import { variableName } from '../scenarios/variables.ts';

/** What a scenario's text may name of its cluster: HOST1_IP is host01's address, whatever the order of the hosts. */
export function clusterVariables(cluster: Pick<Cluster, 'hosts'>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...cluster.hosts.values()].map(({ name, address }) => [variableName(name), address]),
  );
}
