import type Docker from 'dockerode';
import { getContainerRuntimeClient } from 'testcontainers';
import { beforeAbort } from '../engines/before-abort.ts';
import { embeddedGround, type Ground } from '../images/ground.ts';
import type { HostName } from '../protocol/index.ts';
import { labelOf } from './cluster-id.ts';
import type { AdoptCluster, Cluster } from './cluster.ts';
import { DockerCluster } from './docker-cluster.ts';
import { DockerHost } from './docker-host.ts';
import { clusterNetwork, LABELS } from './labels.ts';
import { Probe, startProbe } from './probe.ts';
import { removeCluster, removeContainer } from './remove-cluster.ts';
import { statusOf } from './status-of.ts';

/**
 * Find a cluster on the engine by its labels, with the hosts that it must have; what is left of one that lacks a host is
 * removed. A probe is nobody's work: one that does not run is made anew.
 */
export const adoptOn =
  (ground: Pick<Ground, 'labels' | 'probe'>): AdoptCluster =>
  (id, names, signal) =>
    // An engine that hangs is not waited for by whoever wants to stop.
    beforeAbort(signal, findCluster(id, names, signal, ground));

async function findCluster(
  id: string,
  names: readonly HostName[],
  signal: AbortSignal,
  ground: Pick<Ground, 'labels' | 'probe'>,
): Promise<Cluster | null> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const finding = { docker: dockerode, ground, signal };
  const hosts = await findHosts(finding, labelOf(id), names, ['running', 'paused']);
  if (hosts !== null) {
    const cluster = new DockerCluster(id, hosts, dockerode);
    // They were frozen while nobody looked.
    await cluster.thaw();
    return cluster;
  }
  // Of a cluster that is not whole any more, nobody has any use for the rest.
  await removeCluster(dockerode, id);
  return null;
}

export type Finding = {
  docker: Docker;
  ground: Pick<Ground, 'labels' | 'probe'>;
  signal: AbortSignal;
};

/** The hosts of a cluster, which are all in one of these states, in the order of their names; null where one is not. */
export async function findHosts(
  { docker, ground, signal }: Finding,
  label: string,
  names: readonly HostName[],
  states: readonly ('running' | 'paused')[],
): Promise<readonly DockerHost[] | null> {
  const filters = { label: [`${LABELS.cluster}=${label}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const found = new Map<HostName, { address: string; container: Docker.Container }>();
  for (const { Id, Labels, NetworkSettings, State } of containers) {
    const name = Labels[LABELS.host];
    const address = NetworkSettings.Networks[clusterNetwork(label)]?.IPAddress;
    const isWanted = states.some((state) => state === State);
    if (name === undefined || !isWanted || address === undefined || address === '') continue;
    found.set(name, { address, container: docker.getContainer(Id) });
  }
  if (!names.every((name) => found.has(name))) return null;
  const probeOf = async (host: HostName): Promise<Probe> => {
    const probes = containers.filter(({ Labels }) => Labels[LABELS.probe] === host);
    for (const { Id } of probes) {
      const container = docker.getContainer(Id);
      if (await runsAgain(container)) return new Probe(docker, container);
      await removeContainer(container, signal);
    }
    return startProbe(docker, label, host, ground);
  };
  // In the scenario's order, as they were provisioned.
  return Promise.all(
    names.flatMap((name) => {
      const host = found.get(name);
      if (host === undefined) return [];
      const { address, container } = host;
      return probeOf(name).then((probe) => new DockerHost(name, address, docker, container, probe));
    }),
  );
}

/** Start a container, or find that it runs, which the list of all may say too late; false where it cannot be started. */
async function runsAgain(container: Docker.Container): Promise<boolean> {
  try {
    await container.start();
    return true;
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw error;
    return status === 304;
  }
}

/** The same on Drydock's own engine, of which there is one a cache folder. */
export const adoptCluster: AdoptCluster = adoptOn(embeddedGround('unowned'));
