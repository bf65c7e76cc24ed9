import { getContainerRuntimeClient } from 'testcontainers';
import { answerLimit, beforeAbort } from '../engines/before-abort.ts';
import type { Ground } from '../images/ground.ts';
import { labelOf } from './cluster-id.ts';
import { LABELS } from './labels.ts';
import { removeCluster } from './remove-cluster.ts';

/** One that is only busy says at once what there is. */
const ANSWER_LIMIT_MS = 30_000;

/**
 * Remove every cluster of this Drydock that no session owns, whole or in parts: what a server that was killed has left on
 * its engine. Resolves with their ids.
 */
export async function reapClusters(
  owned: ReadonlySet<string>,
  { labels }: Pick<Ground, 'labels'>,
): Promise<string[]> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  // Another Drydock may be on the same engine.
  const own = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const filters = { label: [...own, LABELS.cluster] };
  const asked = Promise.all([
    dockerode.listContainers({ all: true, filters }),
    dockerode.listNetworks({ filters }),
  ]);
  const [containers, networks] = await beforeAbort(answerLimit(ANSWER_LIMIT_MS), asked);
  const found = new Set([...containers, ...networks].map(({ Labels }) => Labels?.[LABELS.cluster] ?? ''));
  const ownedLabels = new Set([...owned].map(labelOf));
  const unowned = [...found].filter((label) => !ownedLabels.has(label));
  await Promise.all(unowned.map((id) => removeCluster(dockerode, id)));
  return unowned;
}

/** Remove a cluster by its id, or what is left of it. */
export async function reapCluster(id: string): Promise<void> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  await removeCluster(dockerode, id);
}
