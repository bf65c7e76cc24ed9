import type Docker from 'dockerode';
import { LABELS } from './labels.ts';

/** Remove every container, volume and network of a cluster; what is gone already is no failure. */
export async function removeCluster(docker: Docker, id: string): Promise<void> {
  const filters = { label: [`${LABELS.cluster}=${id}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(
    containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true }).catch(unlessGone)),
  );
  const networks = await docker.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => docker.getNetwork(Id).remove().catch(unlessGone)));
}

function unlessGone(error: unknown): void {
  if (typeof error === 'object' && error !== null && 'statusCode' in error && error.statusCode === 404)
    return;
  throw error;
}
