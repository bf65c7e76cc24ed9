import type { AdoptCluster, ProvisionCluster } from '../clusters/cluster.ts';
import type { EngineStatus, LocalizedText } from '../protocol/index.ts';
import { LabError } from './errors.ts';

/** What a ready engine is to sessions. */
export type EngineMeans = {
  provision: ProvisionCluster;
  adopt: AdoptCluster;
  /** How many labs it holds at once. */
  capacity: number;
  /** What of scenarios' needs it lacks, with the reason in a learner's words. */
  lacking?: ReadonlyMap<string, LocalizedText>;
  /** What whoever runs labs on it should know. */
  limits?: readonly LocalizedText[];
};

type Listener = (status: EngineStatus) => void;
type Waiting = Pick<PromiseWithResolvers<EngineMeans>, 'resolve' | 'reject'> & {
  adopts: boolean;
  needs: readonly string[];
};

/**
 * The engine as sessions and pages have it, from before it runs: who asks for a cluster meanwhile waits for it. A
 * status that comes too late, or twice, changes nothing.
 */
export class EngineGate {
  readonly #listeners = new Set<Listener>();
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiting>();
  #status: EngineStatus = { status: 'preparing', stages: [], secondsLeft: null };
  #means: EngineMeans | null = null;

  get status(): EngineStatus {
    return this.#status;
  }

  /** How far it is. */
  prepare({ stages, secondsLeft }: Omit<Extract<EngineStatus, { status: 'preparing' }>, 'status'>): void {
    if (this.#status.status === 'preparing') this.#become({ status: 'preparing', stages, secondsLeft });
  }

  /**
   * It is ready: those who wait get their clusters, as many as it holds: first those whose cluster is there already,
   * then who came first.
   */
  open(means: EngineMeans): void {
    if (this.#status.status !== 'preparing') return;
    this.#means = means;
    this.#become({ status: 'ready', limits: [...(means.limits ?? [])] });
    const waiting = [...this.#waiting].toSorted((a, b) => Number(b.adopts) - Number(a.adopts));
    let room = means.capacity;
    for (const { adopts, needs, resolve, reject } of waiting) {
      const reason = adopts ? null : this.unavailable(needs);
      if (reason !== null) reject(new LabError('scenario_unavailable', reason));
      else if (adopts || room > 0) {
        room -= 1;
        resolve(means);
      } else reject(new LabError('capacity_exhausted'));
    }
  }

  /** It will not be ready. Those who wait still do: they are kept for the next start of the server. */
  fail(reason: LocalizedText): void {
    if (this.#status.status !== 'preparing') return;
    this.#become({ status: 'failed', reason });
  }

  /** Why what needs all of these cannot run; null where it can, or where that is not known yet. */
  readonly unavailable = (needs: readonly string[]): LocalizedText | null => {
    for (const need of needs) {
      const reason = this.#means?.lacking?.get(need);
      if (reason !== undefined) return reason;
    }
    return null;
  };

  /**
   * Throws engine_failed, scenario_unavailable where it cannot run what has such needs, or capacity_exhausted where no
   * more labs fit than there are. What it can is known once it is ready; until then everybody may wait.
   */
  readonly requireRoom = (labs: number, needs: readonly string[] = []): void => {
    if (this.#status.status === 'failed') throw new LabError('engine_failed', this.#status.reason);
    const reason = this.unavailable(needs);
    if (reason !== null) throw new LabError('scenario_unavailable', reason);
    if (this.#means !== null && labs >= this.#means.capacity) throw new LabError('capacity_exhausted');
  };

  /**
   * As ProvisionCluster, once the engine is ready. Rejects with capacity_exhausted where it then holds no more, and
   * with scenario_unavailable where it then cannot run it.
   */
  readonly provision: ProvisionCluster = (spec, onProgress, signal) => {
    if (this.#means !== null) return this.#means.provision(spec, onProgress, signal);
    return this.#wait(false, spec.needs ?? [], signal).then(({ provision }) =>
      provision(spec, onProgress, signal),
    );
  };

  /** As AdoptCluster, once the engine is ready. */
  readonly adopt: AdoptCluster = async (id, hosts, signal) => {
    const { adopt } = this.#means ?? (await this.#wait(true, [], signal));
    return adopt(id, hosts, signal);
  };

  /** Tells `listener` of every change. Returns what ends it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #wait(adopts: boolean, needs: readonly string[], signal: AbortSignal): Promise<EngineMeans> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<EngineMeans>();
    const waiting = { adopts, needs, resolve, reject };
    const leave = () => reject(signal.reason);
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
