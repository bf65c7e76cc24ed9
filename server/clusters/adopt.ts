import { getContainerRuntimeClient } from 'testcontainers';
import type { HostName } from '../protocol/index.ts';
import type { AdoptCluster, Host } from './cluster.ts';
import { DockerHost } from './docker-host.ts';
import { clusterNetwork, LABELS } from './labels.ts';
import { removeCluster } from './remove-cluster.ts';

/** Find a cluster on the engine by its labels, with the hosts that it must have. */
export const adoptCluster: AdoptCluster = async (id, names) => {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const filters = { label: [`${LABELS.cluster}=${id}`], status: ['running'] };
  const containers = await dockerode.listContainers({ filters });
  const hosts = new Map<HostName, Host>();
  for (const { Id, Labels, NetworkSettings } of containers) {
    const name = Labels[LABELS.host];
    const address = NetworkSettings.Networks[clusterNetwork(id)]?.IPAddress;
    if (name === undefined || address === undefined || address === '') continue;
    hosts.set(name, new DockerHost(name, address, dockerode, dockerode.getContainer(Id)));
  }
  if (names.some((name) => !hosts.has(name))) return null;
  return {
    id,
    // In the scenario's order, as they were provisioned.
    hosts: new Map(names.flatMap((name) => [...hosts].filter(([found]) => found === name))),
    [Symbol.asyncDispose]: () => removeCluster(dockerode, id),
  };
};
