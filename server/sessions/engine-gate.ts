import type { AdoptCluster, Cluster, OnHostProgress, ProvisionCluster } from '../clusters/cluster.ts';
import type { EngineStatus, LocalizedText, Slug } from '../protocol/index.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { LabError } from './errors.ts';

/** What a ready engine is to sessions. */
export type EngineMeans = {
  provision: ProvisionCluster;
  adopt: AdoptCluster;
  /** Removes a cluster of which nothing but its id is known. */
  remove: (id: string) => Promise<void>;
  /** How many labs it holds at once. */
  capacity: number;
  /** The scenarios that it cannot run, each with the reason. */
  lacks: ReadonlyMap<Slug, LabError>;
  /** What whoever runs labs on it should know. */
  limits: readonly LocalizedText[];
  /** Whether it runs still; asked where something on it has failed. */
  runs: () => Promise<boolean>;
};

/** As ProvisionCluster, of what a scenario needs. */
export type ProvisionLab = (
  scenario: Pick<Scenario, 'slug' | 'hosts'>,
  onProgress: OnHostProgress,
  signal: AbortSignal,
) => Promise<Cluster>;

type Listener = (status: EngineStatus) => void;
type Waiting = Pick<PromiseWithResolvers<EngineMeans>, 'resolve' | 'reject'> & {
  /** The scenario that a cluster is to be made for; null where it is there already. */
  scenario: Slug | null;
};
/** Thrown where labs' hosts cannot be had because their engine has ended. */
export class EngineEndedError extends Error {
  override readonly name = 'EngineEndedError';
}
type Preparing = Extract<EngineStatus, { status: 'preparing' }>;

/**
 * The engine as sessions and pages have it, from before it runs: who asks for a cluster meanwhile waits for it, also
 * while one that has ended is being replaced. A status that comes too late, or twice, changes nothing.
 */
export class EngineGate {
  readonly #listeners = new Set<Listener>();
  readonly #roomListeners = new Set<() => void>();
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiting>();
  /** What was to be removed while there was no engine to ask. */
  readonly #unwanted = new Set<string>();
  /** What the clusters of labs were made with. */
  readonly #made = new WeakMap<Cluster, EngineMeans>();
  #status: EngineStatus = { status: 'preparing', again: false, stages: [], secondsLeft: null };
  #means: EngineMeans | null = null;
  /** Places that are taken by clusters that are no labs. */
  #guests = 0;
  /** How many labs are open, those that wait here among them. */
  #labs: () => number = () => this.#waiting.size;

  get status(): EngineStatus {
    return this.#status;
  }

  /** How far it is. */
  prepare({ stages, secondsLeft }: Pick<Preparing, 'stages' | 'secondsLeft'>): void {
    if (this.#status.status === 'preparing') this.#become({ ...this.#status, stages, secondsLeft });
  }

  /**
   * It is ready: those who wait get their clusters, as many as it holds: first those whose cluster is there already,
   * then who came first.
   */
  open(means: EngineMeans): void {
    if (this.#status.status !== 'preparing') return;
    this.#means = means;
    this.#become({ status: 'ready', limits: [...means.limits] });
    for (const id of this.#unwanted) void this.#removeUnwanted(id, means);
    this.#unwanted.clear();
    const waiting = [...this.#waiting].toSorted(
      (a, b) => Number(b.scenario === null) - Number(a.scenario === null),
    );
    // One that is reset waits for the removal of its old hosts first, and then comes for its place.
    const elsewhere = Math.max(0, this.#labs() - waiting.length);
    let room = means.capacity - this.#guests - elsewhere;
    for (const { scenario, resolve, reject } of waiting) {
      const lack = scenario === null ? undefined : means.lacks.get(scenario);
      if (lack !== undefined) reject(lack);
      else if (scenario === null || room > 0) {
        room -= 1;
        resolve(means);
      } else reject(new LabError('capacity_exhausted'));
    }
  }

  /** It has ended by itself, with all that was on it, and is being prepared again. */
  lose(means: EngineMeans): void {
    if (this.#means !== means) return;
    this.#means = null;
    this.#become({ status: 'preparing', again: true, stages: [], secondsLeft: null });
  }

  /** It will not be ready. Those who wait still do: they are kept for the next start of the server. */
  fail(reason: LocalizedText): void {
    if (this.#status.status !== 'preparing') return;
    this.#become({ status: 'failed', reason });
  }

  /** Why a scenario cannot run, in a learner's words; null where it can, or where that is not known yet. */
  readonly unavailable = (scenario: Slug): LocalizedText | null =>
    this.#means?.lacks.get(scenario)?.toApiError().message ?? null;

  /**
   * Throws engine_failed, what a scenario is lacked for, or capacity_exhausted where no more labs fit than there are.
   * What it has and what fits is known once it is ready; until then everybody may wait.
   */
  readonly requireRoom = (labs: number, scenario?: Slug): void => {
    if (this.#status.status === 'failed') throw new LabError('engine_failed', this.#status.reason);
    if (this.#means === null) return;
    if (scenario !== undefined) requireNeeds(this.#means, scenario);
    if (labs + this.#guests >= this.#means.capacity) throw new LabError('capacity_exhausted');
  };

  /** Labs that do not wait here have their places, too. */
  countLabs(labs: () => number): void {
    this.#labs = labs;
  }

  /** How many places are taken by clusters that are no labs. */
  get guests(): number {
    return this.#guests;
  }

  /** Take a place for a cluster that is no lab, beside so many labs; throws as `requireRoom`. Disposing it gives it back. */
  takePlace(labs: number): Disposable {
    this.requireRoom(labs);
    this.#guests += 1;
    let taken = true;
    return {
      [Symbol.dispose]: () => {
        if (!taken) return;
        taken = false;
        this.#givePlaceBack();
      },
    };
  }

  /**
   * The cluster of a lab, once the engine is ready; from the next engine where that one ends meanwhile. Rejects with
   * capacity_exhausted, or with what the scenario is lacked for, where it then turns out that it cannot be.
   */
  readonly provision: ProvisionLab = async ({ slug, hosts }, onProgress, signal) => {
    for (;;) {
      const means = this.#means ?? (await this.#wait(slug, signal));
      requireNeeds(means, slug);
      try {
        const cluster = await means.provision({ hosts }, onProgress, signal);
        this.#made.set(cluster, means);
        return cluster;
      } catch (error) {
        if (signal.aborted || (await means.runs())) throw error;
        this.lose(means);
      }
    }
  };

  /** As AdoptCluster, once the engine is ready. Rejects with an EngineEndedError where that ends meanwhile. */
  readonly adopt: AdoptCluster = async (id, hosts, signal) => {
    const means = this.#means ?? (await this.#wait(null, signal));
    try {
      const cluster = await means.adopt(id, hosts, signal);
      if (cluster !== null) this.#made.set(cluster, means);
      return cluster;
    } catch (error) {
      if (signal.aborted || (await means.runs())) throw error;
      throw new EngineEndedError('The engine ended while hosts were looked for.', { cause: error });
    }
  };

  /** Whether the engine that a lab's cluster is on has ended; asked where something on it has failed. */
  readonly hasEnded = async (cluster: Cluster): Promise<boolean> => {
    const means = this.#made.get(cluster);
    return means === undefined || means !== this.#means || !(await means.runs());
  };

  /** Remove a cluster that was not adopted after all; at once, or when the engine is ready. */
  readonly remove = async (id: string): Promise<void> => {
    if (this.#means === null) this.#unwanted.add(id);
    else await this.#means.remove(id);
  };

  /** Tells `listener` of every change. Returns what ends it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells `listener` whenever a place that was no lab's has become free. Returns what ends it. */
  subscribeRoom(listener: () => void): () => void {
    this.#roomListeners.add(listener);
    return () => this.#roomListeners.delete(listener);
  }

  #givePlaceBack(): void {
    this.#guests -= 1;
    for (const listener of this.#roomListeners) listener();
  }

  /** Until it is removed, it takes a place. */
  async #removeUnwanted(id: string, means: EngineMeans): Promise<void> {
    this.#guests += 1;
    try {
      await means.remove(id);
    } catch {
      // What cannot be removed now is, when the server is started again: nobody owns it.
    } finally {
      this.#givePlaceBack();
    }
  }

  async #wait(scenario: Slug | null, signal: AbortSignal): Promise<EngineMeans> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<EngineMeans>();
    const waiting = { scenario, resolve, reject };
    const leave = () => {
      this.#waiting.delete(waiting);
      reject(signal.reason);
    };
    this.#waiting.add(waiting);
    signal.addEventListener('abort', leave);
    try {
      return await promise;
    } finally {
      this.#waiting.delete(waiting);
      signal.removeEventListener('abort', leave);
    }
  }

  #become(status: EngineStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }
}

function requireNeeds({ lacks }: EngineMeans, scenario: Slug): void {
  const lack = lacks.get(scenario);
  if (lack !== undefined) throw lack;
}
