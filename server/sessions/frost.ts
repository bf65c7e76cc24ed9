import type { Cluster } from '../clusters/cluster.ts';

/** Freezes the hosts of a cluster and thaws them, one after the other; of wishes that come meanwhile the newest counts. */
export class Frost {
  readonly #cluster: Pick<Cluster, 'freeze' | 'thaw'>;
  #wanted = false;
  #is = false;
  #working: Promise<void> | null = null;

  constructor(cluster: Pick<Cluster, 'freeze' | 'thaw'>) {
    this.#cluster = cluster;
  }

  /** Resolves when they are as was wanted last; rejects where the engine did not do it. */
  become(frozen: boolean): Promise<void> {
    this.#wanted = frozen;
    return (this.#working ??= this.#work().finally(() => {
      this.#working = null;
    }));
  }

  async #work(): Promise<void> {
    while (this.#is !== this.#wanted) {
      const to = this.#wanted;
      if (to) await this.#freeze();
      else await this.#thaw();
    }
  }

  /** All of them or none. */
  async #freeze(): Promise<void> {
    // Also where that fails on the way: some of them may be.
    this.#is = true;
    try {
      await this.#cluster.freeze();
    } catch (error) {
      this.#wanted = false;
      await this.#thaw();
      throw error;
    }
  }

  async #thaw(): Promise<void> {
    await this.#cluster.thaw();
    this.#is = false;
  }
}
