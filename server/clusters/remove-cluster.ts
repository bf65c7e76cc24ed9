import { setTimeout as wait } from 'node:timers/promises';
import type Docker from 'dockerode';
import { REGISTRY_LABEL } from '../images/registry.ts';
import { labelOf } from './cluster-id.ts';
import { LABELS } from './labels.ts';
import { statusOf } from './status-of.ts';

const POLL_MS = 200;
const LIMIT_MS = 60_000;

/**
 * Remove every container, volume and network of a cluster; what is gone already is no failure. What somebody else removes
 * at this moment is waited for, and what is still being made while it is removed is removed as well.
 */
export async function removeCluster(docker: Docker, id: string): Promise<void> {
  const filters = { label: [`${LABELS.cluster}=${labelOf(id)}`] };
  const deadline = AbortSignal.timeout(LIMIT_MS);
  for (;;) {
    const containers = await docker.listContainers({ all: true, filters });
    const removals = await Promise.allSettled(
      containers.map(({ Id }) => removeContainer(docker.getContainer(Id), deadline)),
    );
    const networks = await docker.listNetworks({ filters });
    const left = await Promise.all(
      networks.map(({ Id, Labels }) => isInUse(docker.getNetwork(Id), Labels?.[REGISTRY_LABEL])),
    );
    for (const removal of removals) if (removal.status === 'rejected') throw removal.reason;
    if (!left.includes(true)) return;
    deadline.throwIfAborted();
    await wait(POLL_MS);
  }
}

/**
 * Remove a network; true where it cannot be removed because a container has come to it.
 *
 * @param registry the address at which the registry is on it, which is nobody's of the cluster and stays
 */
async function isInUse(network: Docker.Network, registry: string | undefined): Promise<boolean> {
  try {
    if (registry !== undefined) await letGo(network, registry);
    await network.remove();
  } catch (error) {
    if (statusOf(error) === 403) return true;
    if (statusOf(error) !== 404) throw error;
  }
  return false;
}

async function letGo(network: Docker.Network, address: string): Promise<void> {
  const { Containers }: Docker.NetworkInspectInfo = await network.inspect();
  for (const [Container, { IPv4Address }] of Object.entries(Containers ?? {})) {
    if (IPv4Address.split('/')[0] === address) await network.disconnect({ Container, Force: true });
  }
}

async function removeContainer(container: Docker.Container, deadline: AbortSignal): Promise<void> {
  for (;;) {
    try {
      return await container.remove({ force: true, v: true });
    } catch (error) {
      if (statusOf(error) === 404) return;
      if (statusOf(error) !== 409 || deadline.aborted) throw error;
    }
    await wait(POLL_MS);
  }
}
