import type { AdoptCluster, Cluster, OnHostProgress } from '../clusters/cluster.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { EngineEndedError, type ProvisionLab } from './engine-gate.ts';
import { Lab, type LabOptions } from './lab.ts';
import type { StoredSession } from './store.ts';

export type LabSource = {
  provision: ProvisionLab;
  adopt: AdoptCluster;
  /** Whether the engine that a cluster is on has ended. */
  engineEnded: (cluster: Cluster) => Promise<boolean>;
};

/** A lab of new hosts. Nothing of it is left where that fails, or comes too late for an abort. */
export async function makeLab(
  scenario: Pick<Scenario, 'slug' | 'hosts'>,
  { provision, engineEnded }: LabSource,
  onProgress: OnHostProgress,
  options: LabOptions,
): Promise<Lab> {
  const { signal } = options;
  const cluster = await provision(scenario, onProgress, signal);
  await using owned = new AsyncDisposableStack();
  const lab = owned.use(await openShells(cluster, engineEnded, options));
  // An abort may have come too late for the shells, too.
  signal.throwIfAborted();
  owned.move();
  return lab;
}

/** Open the shells of a new cluster; an engine that ends meanwhile is the reason why that fails. */
async function openShells(
  cluster: Cluster,
  engineEnded: LabSource['engineEnded'],
  options: LabOptions,
): Promise<Lab> {
  try {
    return await Lab.open(cluster, options);
  } catch (error) {
    if (options.signal.aborted || !(await engineEnded(cluster))) throw error;
    throw new EngineEndedError('The engine ended while shells were opened.', { cause: error });
  }
}

/** The lab that an earlier start of the server has left; null where its hosts are gone. */
export async function findLab(
  { hosts }: Pick<Scenario, 'hosts'>,
  { cluster: id, terminals }: Pick<StoredSession, 'cluster' | 'terminals'>,
  { adopt }: LabSource,
  options: LabOptions,
): Promise<Lab | null> {
  const cluster = id === null ? null : await adopt(id, hosts, options.signal);
  return cluster && Lab.resume(cluster, terminals, options);
}
