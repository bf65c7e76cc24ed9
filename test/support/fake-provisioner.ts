import type { ClusterSpec, OnHostProgress } from '../../server/clusters/cluster.ts';
import type { EngineMeans } from '../../server/sessions/engine-gate.ts';
import { LabError } from '../../server/sessions/errors.ts';
import { FakeCluster } from './fake-cluster.ts';
import type { Shell } from './fake-host.ts';

/**
 * Provisions fake clusters. `hold` makes it wait until `release`, or until `fail`; without it clusters are
 * there at once.
 */
export class FakeProvisioner {
  readonly clusters: FakeCluster[] = [];
  readonly signals: AbortSignal[] = [];
  requests = 0;
  /** The clusters that were looked for. */
  readonly adoptions: string[] = [];
  /** Tells how far a host of the cluster is that was asked for last. */
  tell: OnHostProgress = () => {};
  prepare: (cluster: FakeCluster) => void = () => {};
  /** Whether the engine runs that all this is on. */
  runs = true;
  readonly #shell: Shell | undefined;
  #gate: PromiseWithResolvers<void> | null = null;

  constructor(shell?: Shell) {
    this.#shell = shell;
  }

  hold(): void {
    this.#gate = Promise.withResolvers();
  }

  release(): void {
    this.#gate?.resolve();
    this.#gate = null;
  }

  fail(error: Error): void {
    this.#gate?.reject(error);
    this.#gate = null;
  }

  get cluster(): FakeCluster {
    const cluster = this.clusters.at(-1);
    if (cluster === undefined) throw new Error('no cluster was provisioned');
    return cluster;
  }

  /** A ProvisionCluster. Heeds no abort: what it is given too late is the session's to remove. */
  readonly provision = async (
    { hosts }: ClusterSpec,
    onProgress: OnHostProgress,
    signal: AbortSignal,
  ): Promise<FakeCluster> => {
    this.requests += 1;
    this.signals.push(signal);
    this.tell = onProgress;
    for (const host of hosts) onProgress(host, 'starting');
    await this.#gate?.promise;
    for (const host of hosts) onProgress(host, 'ready');
    const cluster = new FakeCluster(hosts, this.#shell);
    this.prepare(cluster);
    this.clusters.push(cluster);
    return cluster;
  };

  /** An AdoptCluster: finds what it has provisioned and what is not disposed, as an engine does. */
  readonly adopt = async (id: string): Promise<FakeCluster | null> => {
    this.adoptions.push(id);
    await this.#gate?.promise;
    return this.clusters.find((cluster) => cluster.id === id && cluster.disposals === 0) ?? null;
  };

  /** Removes what it has provisioned by its id. */
  readonly remove = async (id: string): Promise<void> => {
    await this.clusters.find((cluster) => cluster.id === id)?.[Symbol.asyncDispose]();
  };

  /** An engine that holds so many labs, and lacks what some scenarios need. */
  means(capacity: number, lacks: readonly string[] = []): EngineMeans {
    const { provision, adopt, remove } = this;
    return {
      provision,
      adopt,
      remove,
      capacity,
      lacks: new Map(lacks.map((slug) => [slug, new LabError('engine_outdated')])),
      limits: [],
      runs: async () => this.runs,
    };
  }
}
