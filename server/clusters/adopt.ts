import type Docker from 'dockerode';
import { getContainerRuntimeClient } from 'testcontainers';
import type { HostName } from '../protocol/index.ts';
import { labelOf } from './cluster-id.ts';
import type { AdoptCluster } from './cluster.ts';
import { DockerCluster } from './docker-cluster.ts';
import { DockerHost } from './docker-host.ts';
import { clusterNetwork, LABELS } from './labels.ts';
import { Probe } from './probe.ts';
import { removeCluster } from './remove-cluster.ts';

/** Find a cluster on the engine by its labels, with the hosts that it must have; what is left of one that lacks a host is removed. */
export const adoptCluster: AdoptCluster = async (id, names) => {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const hosts = await findHosts(dockerode, labelOf(id), names, 'running');
  if (hosts !== null) return new DockerCluster(id, hosts, dockerode);
  // Of a cluster that is not whole any more, nobody has any use for the rest.
  await removeCluster(dockerode, id);
  return null;
};

/** The hosts of a cluster, which are all in this state, in the order of their names; null where one is not. */
export async function findHosts(
  docker: Docker,
  label: string,
  names: readonly HostName[],
  state: 'running' | 'paused',
): Promise<readonly DockerHost[] | null> {
  const containers = await docker.listContainers({ filters: { label: [`${LABELS.cluster}=${label}`] } });
  const probes = new Map(
    containers.map(({ Id, Labels }) => [Labels[LABELS.probe], new Probe(docker, docker.getContainer(Id))]),
  );
  const hosts = new Map<HostName, DockerHost>();
  for (const { Id, Labels, NetworkSettings, State } of containers) {
    const name = Labels[LABELS.host];
    const address = NetworkSettings.Networks[clusterNetwork(label)]?.IPAddress;
    if (name === undefined || State !== state || address === undefined || address === '') continue;
    const probe = probes.get(name);
    if (probe === undefined) continue;
    hosts.set(name, new DockerHost(name, address, docker, docker.getContainer(Id), probe));
  }
  // In the scenario's order, as they were provisioned.
  const found = names.flatMap((name) => hosts.get(name) ?? []);
  return found.length === names.length ? found : null;
}
