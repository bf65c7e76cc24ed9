import type { HostName } from '../protocol/index.ts';
import { asError } from './as-error.ts';
import type { Cluster, ClusterSpec, OnHostProgress, ProvisionCluster } from './cluster.ts';
import { withDisposal } from './with-disposal.ts';

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
  /** The clusters that are to lie ready, the most wanted first; one is named as often as there are to be of it. */
  wanted: () => readonly ClusterSpec[];
  /** How many spares the engine has memory for beside the clusters that are somebody's, come to be so or are removed. */
  room: () => number;
  /** Told why a spare could not be made; whoever comes next has one made for them, and hears it then. */
  onError: (error: unknown) => void;
};

/**
 * Clusters that are made before anybody asks for them, so that a lab begins at once. Their shells are opened ahead, they are
 * frozen until they are taken, and each is given to one only. One that nobody wants gives way to whatever needs its place. Disposing the pool
 * removes those that are left.
 */
export class ClusterPool implements AsyncDisposable {
  readonly #options: PoolOptions;
  readonly #spares = new Set<Spare>();
  /** Those that are being removed, which takes their place until it is done. */
  readonly #leaving = new Set<Promise<void>>();
  /** One is made at a time: to make several would take the processor from whoever uses a lab. */
  #making: Spare | null = null;
  #refill: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** How many lie ready; those that are on their way are not among them. */
  get ready(): number {
    return [...this.#spares].filter((spare) => spare !== this.#making).length;
  }

  /** Begin to make what is wanted and not there. */
  fill(): void {
    if (this.#disposed || (this.#making && this.#spares.has(this.#making))) return;
    const { unwanted, missing } = this.#match(this.#options.wanted());
    const [hosts] = missing;
    if (hosts === undefined) return;
    if (this.#spares.size + this.#leaving.size < this.#room) {
      this.#making = this.#make(hosts);
      this.#spares.add(this.#making);
      return;
    }
    const useless = unwanted.at(-1);
    if (useless !== undefined) void this.#remove(useless).then(() => this.fill());
  }

  /** Remove the spares that there is no place for any more; resolves when they have gone. */
  async makeRoom(): Promise<void> {
    const { found, unwanted } = this.#match(this.#options.wanted());
    for (const spare of [...found, ...unwanted].slice(this.#room)) void this.#remove(spare);
    while (this.#leaving.size > 0 && this.#spares.size + this.#leaving.size > this.#room) {
      await Promise.race(this.#leaving);
    }
  }

  /** A spare where there is one, also one that is still being made; otherwise a cluster made on the spot. */
  readonly provision: ProvisionCluster = async (spec, onProgress, signal) => {
    const spare = this.#find(spec.hosts);
    if (spare === undefined) {
      await this.makeRoom();
      try {
        return this.#given(await this.#options.provision(spec, onProgress, signal));
      } finally {
        this.#fillSoon();
      }
    }
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
    await Promise.all([...spares.map((spare) => discard(spare)), ...this.#leaving]);
  }

  get #room(): number {
    return Math.max(0, this.#options.room());
  }

  /** Which spares are wanted, the most wanted first, which are not, and what is wanted and not there. */
  #match(wanted: readonly ClusterSpec[]) {
    const unwanted = [...this.#spares];
    const found: Spare[] = [];
    const missing: (readonly HostName[])[] = [];
    for (const { hosts } of wanted) {
      const at = unwanted.findIndex((spare) => isOf(spare, hosts));
      if (at === -1) missing.push(hosts);
      else found.push(...unwanted.splice(at, 1));
    }
    return { found, unwanted, missing };
  }

  #remove(spare: Spare): Promise<void> {
    this.#spares.delete(spare);
    const gone = discard(spare)
      .catch(this.#options.onError)
      .finally(() => this.#leaving.delete(gone));
    this.#leaving.add(gone);
    return gone;
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
    return withDisposal(cluster, async () => {
      await cluster[Symbol.asyncDispose]();
      this.#fillSoon();
    });
  }

  #fillSoon(): void {
    clearTimeout(this.#refill);
    if (!this.#disposed) this.#refill = setTimeout(() => this.fill(), REFILL_AFTER_MS).unref();
  }

  #find(hosts: readonly HostName[]): Spare | undefined {
    return [...this.#spares].find((spare) => isOf(spare, hosts));
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
        const isSpare = () => this.#spares.has(spare);
        const openAhead = () =>
          // One that is taken meanwhile is wanted at once, whatever it has to begin with.
          cluster.openAhead(stop.signal).catch(async (error) => isSpare() && removing(cluster)(error));
        if (isSpare()) await openAhead();
        const frozen = isSpare();
        if (frozen) await cluster.freeze().catch(removing(cluster));
        return { cluster, frozen };
      } catch (error) {
        this.#spares.delete(spare);
        if (!stop.signal.aborted) this.#options.onError(error);
        return null;
      } finally {
        if (this.#making === spare) this.#making = null;
        if (this.#spares.has(spare)) this.fill();
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

const isOf = (spare: Spare, hosts: readonly HostName[]): boolean => spare.hosts.join() === hosts.join();

/** Remove a spare, also one that is still being made. */
async function discard({ stop, made }: Spare): Promise<void> {
  stop.abort(new Error('The spare cluster is removed.'));
  await (await made)?.cluster[Symbol.asyncDispose]();
}

/** Remove a cluster that is of no use, and fail for the reason why it is not. */
const removing =
  (cluster: Cluster) =>
  async (reason: unknown): Promise<never> => {
    await cluster[Symbol.asyncDispose]();
    throw reason;
  };
