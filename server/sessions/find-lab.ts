import type { AdoptCluster, Cluster, OnHostProgress } from '../clusters/cluster.ts';
import { areOwn, OwnHosts } from '../own-hosts/own-hosts.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { EngineEndedError, type ProvisionLab } from './engine-gate.ts';
import { Lab, type LabHosts, type LabOptions } from './lab.ts';
import type { OwnHostsGate } from './own-hosts-gate.ts';
import type { StoredSession } from './store.ts';

export type LabSource = {
  provision: ProvisionLab;
  adopt: AdoptCluster;
  /** Removes a cluster of which nothing but its id is known, where it is not adopted. */
  remove: (cluster: string) => Promise<void>;
  /** Whether the engine that a cluster is on has ended. */
  engineEnded: (cluster: Cluster) => Promise<boolean>;
  ownHosts: Pick<OwnHostsGate, 'open' | 'require' | 'requireRoom'>;
};

/** A lab of new hosts. Nothing of it is left where that fails, or comes too late for an abort. */
export async function makeLab(
  scenario: Pick<Scenario, 'slug' | 'hosts' | 'ownHosts'>,
  { provision, engineEnded, ownHosts }: LabSource,
  onProgress: OnHostProgress,
  options: LabOptions,
): Promise<Lab> {
  const { signal } = options;
  const cluster = ownHosts.open(scenario) ?? (await provision(scenario, onProgress, signal));
  await using owned = new AsyncDisposableStack();
  const lab = owned.use(await openShells(cluster, engineEnded, options));
  // An abort may have come too late for the shells, too.
  signal.throwIfAborted();
  owned.move();
  return lab;
}

/** Open the shells of a new cluster; an engine that ends meanwhile is the reason why that fails. */
async function openShells(
  cluster: LabHosts,
  engineEnded: LabSource['engineEnded'],
  options: LabOptions,
): Promise<Lab> {
  try {
    return await Lab.open(cluster, options);
  } catch (error) {
    if (options.signal.aborted || cluster instanceof OwnHosts || !(await engineEnded(cluster))) throw error;
    throw new EngineEndedError('The engine ended while shells were opened.', { cause: error });
  }
}

/**
 * The lab that an earlier start of the server has left; null where its hosts are gone, or are of another sort since its
 * author has changed it. Then nobody has any use for its former cluster, which is removed.
 */
export async function findLab(
  scenario: Pick<Scenario, 'hosts' | 'ownHosts'>,
  { cluster: id, terminals }: Pick<StoredSession, 'cluster' | 'terminals'>,
  { adopt, remove, ownHosts }: LabSource,
  options: LabOptions,
): Promise<Lab | null> {
  if (id === null) return null;
  if (areOwn(id) !== (scenario.ownHosts !== null)) {
    if (!areOwn(id)) await remove(id);
    return null;
  }
  const cluster = ownHosts.open(scenario) ?? (await adopt(id, scenario.hosts, options.signal));
  return cluster && Lab.resume(cluster, terminals, options);
}
