/** Wakes those who wait for something to become true, whenever something has changed. */
export class Signal {
  #change = Promise.withResolvers<void>();

  notify(): void {
    const { resolve } = this.#change;
    this.#change = Promise.withResolvers();
    resolve();
  }

  next(): Promise<void> {
    return this.#change.promise;
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.next();
  }
}
