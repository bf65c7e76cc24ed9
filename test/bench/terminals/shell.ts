/** A shell on a terminal as its user has it at the end of some way: keys go in, numbered bytes come out. */
export interface BenchShell extends AsyncDisposable {
  /** Bytes that have come so far. */
  readonly received: number;
  type(keys: string): void;
  /** Resolves at once when so many bytes have come in all, within the same turn in which the last of them came. */
  untilReceived(bytes: number): Promise<void>;
}

/** Counts what comes and wakes who waits for it. */
export class Received {
  bytes = 0;
  #wanted = Infinity;
  #wake: () => void = () => undefined;

  add(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes < this.#wanted) return;
    this.#wanted = Infinity;
    this.#wake();
  }

  /** One may wait at a time. */
  until(bytes: number): Promise<void> {
    if (this.bytes >= bytes) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wanted = bytes;
    this.#wake = resolve;
    return promise;
  }
}

/** Wait until nothing has come for some time: a shell is at its prompt. */
export async function untilQuiet(shell: BenchShell, quietMs = 200): Promise<void> {
  for (;;) {
    const before = shell.received;
    await new Promise((resolve) => setTimeout(resolve, quietMs));
    if (shell.received === before && before > 0) return;
  }
}
