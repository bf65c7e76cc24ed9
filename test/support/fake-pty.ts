import { randomUUID } from 'node:crypto';
import type { Pty, PtySize } from '../../server/clusters/cluster.ts';
import { Signal } from './signal.ts';

/**
 * A shell in memory: what it prints is scripted by `print`, what was typed into it is in `typed`. With a `shell`
 * it echoes keys and answers each entered line, as a real one would.
 */
export class FakePty implements Pty {
  readonly id: string;
  from = 0;
  printed = 0;
  detached = false;
  readonly output: AsyncIterable<Uint8Array>;
  readonly exited: Promise<number | null>;
  readonly sizes: PtySize[] = [];
  /** A test holds resizing up with it. */
  resized: Promise<void> = Promise.resolve();
  disposed = false;
  typed = '';
  /** Bytes that the reader of `output` has taken. */
  taken = 0;
  readonly #answer: ((line: string) => string) | undefined;
  readonly #queue: Uint8Array[] = [];
  readonly #changed = new Signal();
  readonly #exit = Promise.withResolvers<number | null>();
  #line = '';
  #end: { error?: unknown } | null = null;

  constructor(answer?: (line: string) => string, id: string = randomUUID()) {
    this.id = id;
    this.#answer = answer;
    this.exited = this.#exit.promise;
    this.output = { [Symbol.asyncIterator]: () => this.#read() };
  }

  print(data: string | Uint8Array): void {
    this.#queue.push(typeof data === 'string' ? Buffer.from(data) : data);
    this.#changed.notify();
  }

  /** The shell ends by itself, behind what it has printed. */
  end(code: number | null): void {
    this.#end ??= {};
    this.#exit.resolve(code);
    this.#changed.notify();
  }

  /** The stream of the output breaks, as when an engine goes away. */
  breakOff(error: Error): void {
    this.#end ??= { error };
    this.#changed.notify();
  }

  write(data: Uint8Array): void {
    const keys = Buffer.from(data).toString();
    this.typed += keys;
    if (this.#answer === undefined) return;
    const interrupted = keys.lastIndexOf('\x03');
    if (interrupted !== -1) {
      this.#line = '';
      this.print('^C\r\n$ ');
    }
    const [first = '', ...others] = keys.slice(interrupted + 1).split('\r');
    this.#echo(first);
    for (const part of others) {
      this.print(`\r\n${this.#answer(this.#line)}$ `);
      this.#line = '';
      this.#echo(part);
    }
  }

  async resize(size: PtySize): Promise<void> {
    this.sizes.push(size);
    await this.resized;
  }

  detach(): void {
    this.detached = true;
    this.end(null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
    this.end(null);
  }

  /** Resolves when everything printed so far has been taken by the reader. */
  async drained(): Promise<void> {
    await this.#changed.until(() => this.#queue.length === 0);
  }

  #echo(keys: string): void {
    this.#line += keys;
    if (keys !== '') this.print(keys);
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const data = this.#queue.shift();
      if (data !== undefined) {
        this.taken += data.byteLength;
        this.#changed.notify();
        yield data;
        continue;
      }
      if (this.#end !== null) {
        if ('error' in this.#end) throw this.#end.error;
        return;
      }
      await this.#changed.next();
    }
  }
}
