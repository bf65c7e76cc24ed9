import type { Pty } from '../../server/clusters/cluster.ts';
import { Signal } from './signal.ts';

/** Reads a shell's output to its end, from the moment that it is made. */
export class PtyReader {
  readonly pty: Pty;
  readonly ended: Promise<void>;
  readonly #changed = new Signal();
  #buffer = Buffer.alloc(64 * 1024);
  #length = 0;
  error: unknown;
  over = false;

  constructor(pty: Pty) {
    this.pty = pty;
    this.ended = this.#read();
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  get text(): string {
    return this.bytes.toString();
  }

  /** Type a line; what it prints has to be told from its echo. */
  enter(line: string): void {
    this.pty.write(Buffer.from(`${line}\r`));
  }

  /** Resolves when `text` has been printed; rejects where the output ends without. */
  async shows(text: string): Promise<void> {
    let from = 0;
    const found = () => {
      const { bytes } = this;
      const at = bytes.indexOf(text, from);
      from = Math.max(0, bytes.byteLength - Buffer.byteLength(text));
      return at !== -1;
    };
    while (!found()) {
      if (this.over) throw new Error(`no ${text} in ${this.text.slice(-2_000)}`);
      await this.#changed.next();
    }
  }

  async #read(): Promise<void> {
    try {
      for await (const data of this.pty.output) {
        this.#keep(data);
        this.#changed.notify();
      }
    } catch (error) {
      this.error = error;
    }
    this.over = true;
    this.#changed.notify();
  }

  #keep(data: Uint8Array): void {
    if (this.#length + data.byteLength > this.#buffer.byteLength) {
      const larger = Buffer.alloc(2 * this.#buffer.byteLength + data.byteLength);
      this.#buffer.copy(larger);
      this.#buffer = larger;
    }
    this.#buffer.set(data, this.#length);
    this.#length += data.byteLength;
  }
}
