import type { HostName } from '../protocol/index.ts';
import { asError } from './as-error.ts';
import type { Cluster, ClusterSpec, OnHostProgress, ProvisionCluster } from './cluster.ts';

type HostState = Parameters<OnHostProgress>[1];
type Made = { cluster: Cluster; frozen: boolean };

/** A cluster that is nobody's yet, or on its way. */
type Spare = {
  readonly hosts: readonly HostName[];
  /** How far its hosts are, for whoever takes it before it is made. */
  readonly progress: Map<HostName, HostState>;
  onProgress: OnHostProgress;
  readonly stop: AbortController;
  /** Null where it could not be made. It is not frozen where it was taken before. */
  readonly made: Promise<Made | null>;
};

/** Making a spare takes the processor from whoever has just begun a lab, and whose terminals are being opened. */
const REFILL_AFTER_MS = 15_000;

export type PoolOptions = {
  provision: ProvisionCluster;
  /** The clusters that are to lie ready, one of each; asked when one has been taken, and when one that was has gone. */
  wanted: () => readonly ClusterSpec[];
  /** Told why a spare could not be made; whoever comes next has one made for them, and hears it then. */
  onError: (error: unknown) => void;
};

/**
 * Clusters that are made before anybody asks for them, so that a lab begins at once. They are frozen until they are
 * taken, and each is given to one only. Disposing the pool removes those that are left.
 */
export class ClusterPool implements AsyncDisposable {
  readonly #options: PoolOptions;
  readonly #spares = new Set<Spare>();
  #refill: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Begin to make what is wanted and not there. */
  fill(): void {
    if (this.#disposed) return;
    for (const { hosts } of this.#options.wanted()) {
      if (!this.#find(hosts)) this.#spares.add(this.#make(hosts));
    }
  }

  /** A spare where there is one, also one that is still being made; otherwise a cluster made on the spot. */
  readonly provision: ProvisionCluster = async (spec, onProgress, signal) => {
    const spare = this.#find(spec.hosts);
    if (spare === undefined) return this.#given(await this.#options.provision(spec, onProgress, signal));
    this.#spares.delete(spare);
    for (const [host, state] of spare.progress) onProgress(host, state);
    spare.onProgress = onProgress;
    const abort = () => spare.stop.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      const made = await spare.made;
      if (signal.aborted) {
        await made?.cluster[Symbol.asyncDispose]();
        throw asError(signal.reason);
      }
      if (made === null) return this.#given(await this.#options.provision(spec, onProgress, signal));
      if (made.frozen && !(await this.#thaws(made.cluster))) {
        return this.#given(await this.#options.provision(spec, onProgress, signal));
      }
      return this.#given(made.cluster);
    } finally {
      signal.removeEventListener('abort', abort);
      this.#fillSoon();
    }
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#refill);
    const spares = [...this.#spares];
    this.#spares.clear();
    await Promise.all(
      spares.map(async ({ stop, made }) => {
        stop.abort(new Error('The spare clusters are removed.'));
        await (await made)?.cluster[Symbol.asyncDispose]();
      }),
    );
  }

  /** False for one whose hosts have not lived through their wait; it is removed. */
  async #thaws(cluster: Cluster): Promise<boolean> {
    try {
      await cluster.thaw().catch(removing(cluster));
      return true;
    } catch (error) {
      this.#options.onError(error);
      return false;
    }
  }

  /** When it has gone there is room for another. */
  #given(cluster: Cluster): Cluster {
    return {
      id: cluster.id,
      hosts: cluster.hosts,
      freeze: () => cluster.freeze(),
      thaw: () => cluster.thaw(),
      untilHostLost: (signal) => cluster.untilHostLost(signal),
      [Symbol.asyncDispose]: async () => {
        await cluster[Symbol.asyncDispose]();
        this.#fillSoon();
      },
    };
  }

  #fillSoon(): void {
    clearTimeout(this.#refill);
    if (!this.#disposed) this.#refill = setTimeout(() => this.fill(), REFILL_AFTER_MS).unref();
  }

  #find(hosts: readonly HostName[]): Spare | undefined {
    return [...this.#spares].find((spare) => spare.hosts.join() === hosts.join());
  }

  #make(hosts: readonly HostName[]): Spare {
    const stop = new AbortController();
    const progress: Spare['progress'] = new Map();
    const make = async (): Promise<Made | null> => {
      try {
        const cluster = await this.#options.provision(
          { hosts },
          (host, state) => {
            progress.set(host, state);
            spare.onProgress(host, state);
          },
          stop.signal,
        );
        // One that has been taken meanwhile is wanted at once.
        const frozen = this.#spares.has(spare);
        if (frozen) await cluster.freeze().catch(removing(cluster));
        return { cluster, frozen };
      } catch (error) {
        this.#spares.delete(spare);
        if (!stop.signal.aborted) this.#options.onError(error);
        return null;
      }
    };
    const begun = Promise.withResolvers<void>();
    const spare: Spare = {
      hosts,
      progress,
      onProgress: () => undefined,
      stop,
      made: begun.promise.then(make),
    };
    begun.resolve();
    return spare;
  }
}

/** Remove a cluster that is of no use, and fail for the reason why it is not. */
const removing =
  (cluster: Cluster) =>
  async (reason: unknown): Promise<never> => {
    await cluster[Symbol.asyncDispose]();
    throw reason;
  };
