import { getContainerRuntimeClient } from 'testcontainers';
import type { HostName } from '../protocol/index.ts';
import type { AdoptCluster } from './cluster.ts';
import { DockerCluster } from './docker-cluster.ts';
import { DockerHost } from './docker-host.ts';
import { clusterNetwork, LABELS } from './labels.ts';

/** Find a cluster on the engine by its labels, with the hosts that it must have. */
export const adoptCluster: AdoptCluster = async (id, names) => {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const filters = { label: [`${LABELS.cluster}=${id}`], status: ['running'] };
  const containers = await dockerode.listContainers({ filters });
  const hosts = new Map<HostName, DockerHost>();
  for (const { Id, Labels, NetworkSettings } of containers) {
    const name = Labels[LABELS.host];
    const address = NetworkSettings.Networks[clusterNetwork(id)]?.IPAddress;
    if (name === undefined || address === undefined || address === '') continue;
    hosts.set(name, new DockerHost(name, address, dockerode, dockerode.getContainer(Id)));
  }
  // In the scenario's order, as they were provisioned.
  const found = names.flatMap((name) => hosts.get(name) ?? []);
  return found.length === names.length ? new DockerCluster(id, found, dockerode) : null;
};
