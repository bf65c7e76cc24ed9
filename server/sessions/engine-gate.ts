import type { ProvisionCluster } from '../clusters/cluster.ts';
import type { EngineStatus, LocalizedText } from '../protocol/index.ts';
import { LabError } from './errors.ts';

/** What a ready engine is to sessions. */
export type EngineMeans = {
  provision: ProvisionCluster;
  /** How many labs it holds at once. */
  capacity: number;
};

type Listener = (status: EngineStatus) => void;
type Waiting = Pick<PromiseWithResolvers<ProvisionCluster>, 'resolve' | 'reject'>;

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

  /** It is ready: those who wait get their clusters, as many as it holds and who came first. */
  open(means: EngineMeans): void {
    if (this.#status.status !== 'preparing') return;
    this.#means = means;
    this.#become({ status: 'ready' });
    for (const [index, { resolve, reject }] of [...this.#waiting].entries()) {
      if (index < means.capacity) resolve(means.provision);
      else reject(new LabError('capacity_exhausted'));
    }
  }

  /** It will not be ready: those who wait, and who come later, are refused with the reason. */
  fail(reason: LocalizedText): void {
    if (this.#status.status !== 'preparing') return;
    this.#become({ status: 'failed', reason });
    for (const { reject } of this.#waiting) reject(new LabError('engine_failed', reason));
  }

  /**
   * Throws engine_failed, or capacity_exhausted where no more labs fit than there are. What fits is known once it is
   * ready; until then everybody may wait.
   */
  readonly requireRoom = (labs: number): void => {
    if (this.#status.status === 'failed') throw new LabError('engine_failed', this.#status.reason);
    if (this.#means !== null && labs >= this.#means.capacity) throw new LabError('capacity_exhausted');
  };

  /** As ProvisionCluster, once the engine is ready. Rejects also as `requireRoom` throws. */
  readonly provision: ProvisionCluster = (spec, onProgress, signal) => {
    if (this.#means !== null) return this.#means.provision(spec, onProgress, signal);
    return this.#wait(signal).then((provision) => provision(spec, onProgress, signal));
  };

  /** Tells `listener` of every change. Returns what ends it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #wait(signal: AbortSignal): Promise<ProvisionCluster> {
    this.requireRoom(0);
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<ProvisionCluster>();
    const waiting = { resolve, reject };
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
