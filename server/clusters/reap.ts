import { getContainerRuntimeClient } from 'testcontainers';
import { LABELS } from './labels.ts';
import { removeCluster } from './remove-cluster.ts';

/**
 * Remove every cluster that nobody owns, whole or in parts: what a server that was killed has left on its engine.
 * Resolves with their ids.
 */
export async function reapClusters(owned: ReadonlySet<string>): Promise<string[]> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const filters = { label: [LABELS.cluster] };
  const [containers, networks] = await Promise.all([
    dockerode.listContainers({ all: true, filters }),
    dockerode.listNetworks({ filters }),
  ]);
  const found = new Set([...containers, ...networks].map(({ Labels }) => Labels?.[LABELS.cluster] ?? ''));
  const unowned = [...found].filter((id) => !owned.has(id));
  await Promise.all(unowned.map((id) => removeCluster(dockerode, id)));
  return unowned;
}

/** Remove a cluster by its id, or what is left of it. */
export async function reapCluster(id: string): Promise<void> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  await removeCluster(dockerode, id);
}
