import { getContainerRuntimeClient } from 'testcontainers';
import type { HostName } from '../protocol/index.ts';
import type { AdoptCluster } from './cluster.ts';
import { DockerCluster } from './docker-cluster.ts';
import { DockerHost } from './docker-host.ts';
import { clusterNetwork, LABELS } from './labels.ts';
import { Probe } from './probe.ts';
import { removeCluster } from './remove-cluster.ts';

/** Find a cluster on the engine by its labels, with the hosts that it must have; what is left of one that lacks a host is removed. */
export const adoptCluster: AdoptCluster = async (id, names) => {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const filters = { label: [`${LABELS.cluster}=${id}`], status: ['running'] };
  const containers = await dockerode.listContainers({ filters });
  const probes = new Map(
    containers.map(({ Id, Labels }) => [
      Labels[LABELS.probe],
      new Probe(dockerode, dockerode.getContainer(Id)),
    ]),
  );
  const hosts = new Map<HostName, DockerHost>();
  for (const { Id, Labels, NetworkSettings } of containers) {
    const name = Labels[LABELS.host];
    const address = NetworkSettings.Networks[clusterNetwork(id)]?.IPAddress;
    if (name === undefined || address === undefined || address === '') continue;
    const probe = probes.get(name);
    if (probe === undefined) continue;
    hosts.set(name, new DockerHost(name, address, dockerode, dockerode.getContainer(Id), probe));
  }
  // In the scenario's order, as they were provisioned.
  const found = names.flatMap((name) => hosts.get(name) ?? []);
  if (found.length === names.length) return new DockerCluster(id, found, dockerode);
  // Of a cluster that is not whole any more, nobody has any use for the rest.
  await removeCluster(dockerode, id);
  return null;
};
