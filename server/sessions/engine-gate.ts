import type { AdoptCluster, ProvisionCluster } from '../clusters/cluster.ts';
import type { EngineStatus, LocalizedText } from '../protocol/index.ts';
import { LabError } from './errors.ts';

/** What a ready engine is to sessions. */
export type EngineMeans = {
  provision: ProvisionCluster;
  adopt: AdoptCluster;
  /** How many labs it holds at once. */
  capacity: number;
};

type Listener = (status: EngineStatus) => void;
type Waiting = Pick<PromiseWithResolvers<EngineMeans>, 'resolve' | 'reject'> & { adopts: boolean };

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
    this.#become({ status: 'ready' });
    const waiting = [...this.#waiting].toSorted((a, b) => Number(b.adopts) - Number(a.adopts));
    for (const [index, { adopts, resolve, reject }] of waiting.entries()) {
      if (adopts || index < means.capacity) resolve(means);
      else reject(new LabError('capacity_exhausted'));
    }
  }

  /** It will not be ready. Those who wait still do: they are kept for the next start of the server. */
  fail(reason: LocalizedText): void {
    if (this.#status.status !== 'preparing') return;
    this.#become({ status: 'failed', reason });
  }

  /**
   * Throws engine_failed, or capacity_exhausted where no more labs fit than there are. What fits is known once it is
   * ready; until then everybody may wait.
   */
  readonly requireRoom = (labs: number): void => {
    if (this.#status.status === 'failed') throw new LabError('engine_failed', this.#status.reason);
    if (this.#means !== null && labs >= this.#means.capacity) throw new LabError('capacity_exhausted');
  };

  /** As ProvisionCluster, once the engine is ready. Rejects with capacity_exhausted where it then holds no more. */
  readonly provision: ProvisionCluster = (spec, onProgress, signal) => {
    if (this.#means !== null) return this.#means.provision(spec, onProgress, signal);
    return this.#wait(false, signal).then(({ provision }) => provision(spec, onProgress, signal));
  };

  /** As AdoptCluster, once the engine is ready. */
  readonly adopt: AdoptCluster = async (id, hosts, signal) => {
    const { adopt } = this.#means ?? (await this.#wait(true, signal));
    return adopt(id, hosts, signal);
  };

  /** Tells `listener` of every change. Returns what ends it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #wait(adopts: boolean, signal: AbortSignal): Promise<EngineMeans> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<EngineMeans>();
    const waiting = { adopts, resolve, reject };
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
