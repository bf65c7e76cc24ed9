import { getContainerRuntimeClient } from 'testcontainers';
import type { Ground } from '../images/ground.ts';
import type { HostName } from '../protocol/index.ts';
import { findHosts } from './adopt.ts';
import { idOnRun } from './cluster-id.ts';
import { newClusterKey } from './cluster-key.ts';
import type { Cluster, ProvisionCluster } from './cluster.ts';
import { DockerCluster } from './docker-cluster.ts';
import { LABELS } from './labels.ts';
import { removeCluster } from './remove-cluster.ts';
import { withDisposal } from './with-disposal.ts';

export type SnapshotSpareOptions = {
  /** How all others are made. */
  provision: ProvisionCluster;
  ground: Pick<Ground, 'labels' | 'probe'>;
  /** See LabEngine. */
  run: string;
  /** Aborts when the engine has ended, and its clusters with it. */
  engineEnded: AbortSignal;
  /** Told why the spare is of no use; a cluster is made in its place. */
  onError: (error: unknown) => void;
};

/**
 * Makes clusters on an engine that was just resumed: the first is the one that lay frozen in its snapshot, where that
 * has the right hosts. Everybody's copy of it has the same keys, so that it is given others.
 */
export function snapshotSpareFirst({
  provision,
  ground,
  run,
  engineEnded,
  onError,
}: SnapshotSpareOptions): ProvisionCluster {
  let isFirst = true;
  return async (spec, onProgress, signal) => {
    const mayTake = isFirst && spec.id === undefined;
    if (mayTake) {
      isFirst = false;
      try {
        const cluster = await takeSpare(spec.hosts, { ground, run, signal });
        if (cluster !== null) {
          for (const host of spec.hosts) onProgress(host, 'ready');
          return endingWith(engineEnded, cluster);
        }
      } catch (error) {
        signal.throwIfAborted();
        onError(error);
      }
    }
    return provision(spec, onProgress, signal);
  };
}

/** What lay in the snapshot, thawed and with keys of its own; null where that is nothing, or is removed as it is of other hosts. */
async function takeSpare(
  names: readonly HostName[],
  { ground, run, signal }: Pick<SnapshotSpareOptions, 'ground' | 'run'> & { signal: AbortSignal },
): Promise<DockerCluster | null> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const filters = { label: [LABELS.cluster, LABELS.host], status: ['paused'] };
  const frozen = await dockerode.listContainers({ filters });
  const label = frozen[0]?.Labels[LABELS.cluster];
  if (label === undefined) return null;
  try {
    const hosts =
      frozen.length === names.length
        ? await findHosts({ docker: dockerode, ground, signal }, label, names, ['paused'])
        : null;
    if (hosts === null) {
      await removeCluster(dockerode, label);
      return null;
    }
    const cluster = new DockerCluster(idOnRun(label, run), hosts, dockerode);
    await cluster.thaw();
    const key = newClusterKey(label);
    await Promise.all(hosts.map((host) => host.renewKeys(key, signal)));
    return cluster;
  } catch (error) {
    await removeCluster(dockerode, label);
    throw error;
  }
}

/**
 * With an engine that has ended there is nothing of a cluster to be removed. On the one in its place its label is that
 * of another.
 */
const endingWith = (engineEnded: AbortSignal, cluster: Cluster): Cluster =>
  withDisposal(cluster, async () => {
    if (!engineEnded.aborted) await cluster[Symbol.asyncDispose]();
  });
