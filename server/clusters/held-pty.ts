import type { Duplex } from 'node:stream';
import type { Pty, PtySize } from './cluster.ts';
import {
  attachFrame,
  hangUpFrame,
  holderFrames,
  inputFrames,
  resizeFrame,
  takenFrame,
  type HolderFrame,
} from './pty-frames.ts';

/**
 * Bytes of output that a holder may send ahead of what has been read here: all that lies on the way of a shell
 * that is held back, whatever the buffers of the engines in between would hold.
 */
export const OUTPUT_WINDOW = 256 * 1024;

/** What is read is told this often, so that the holder seldom waits for it. */
const TAKEN_STEP = OUTPUT_WINDOW / 4;

/** Bytes of input that may wait on a connection that takes none; the holder bounds what waits for a program. */
const INPUT_LIMIT = 2 ** 20;

/** A holder that was told to hang up is gone by then (`GIVE_UP_MS` there, and the way). */
const HANG_UP_LIMIT_MS = 15_000;

export type HeldPtyOptions = {
  id: string;
  /** Another connection to the same holder, for hanging up where this one broke. */
  reconnect: () => Promise<Duplex>;
  signal?: AbortSignal;
};

/**
 * A shell whose terminal belongs to a holder in its host, seen over a connection to it. The connection may break
 * or be let go of: the shell runs on, and is found again by its id and the number of the next byte wanted.
 */
export class HeldPty implements Pty {
  readonly id: string;
  readonly from: number;
  readonly printed: number;
  readonly output: AsyncIterable<Uint8Array>;
  readonly exited: Promise<number | null>;
  readonly #connection: Duplex;
  readonly #frames: AsyncIterator<HolderFrame>;
  /** Asked for by whoever does not read, and kept for whoever does. */
  #ahead: Promise<IteratorResult<HolderFrame>> | null = null;
  readonly #reconnect: () => Promise<Duplex>;
  readonly #exit = Promise.withResolvers<number | null>();
  /** Whether its end was seen, or is of no more interest. */
  #over = false;

  private constructor(
    connection: Duplex,
    { from, printed }: Pick<HeldPty, 'from' | 'printed'>,
    frames: AsyncIterator<HolderFrame>,
    { id, reconnect }: HeldPtyOptions,
  ) {
    this.id = id;
    this.from = from;
    this.printed = printed;
    this.#connection = connection;
    this.#frames = frames;
    this.#reconnect = reconnect;
    this.exited = this.#exit.promise;
    this.output = this.#read();
  }

  /**
   * See a holder's shell from byte `since` on, or from the oldest byte kept where that is gone; `from` tells.
   * Null where there is no such holder any more. Rejects where the connection fails or `signal` aborts.
   */
  static async attach(connection: Duplex, since: number, options: HeldPtyOptions): Promise<HeldPty | null> {
    const { signal } = options;
    const abort = () =>
      connection.destroy(new Error('A shell was no longer wanted.', { cause: signal?.reason }));
    signal?.addEventListener('abort', abort);
    try {
      if (signal?.aborted) abort();
      connection.write(attachFrame(since, OUTPUT_WINDOW));
      const frames = holderFrames(connection.iterator({ destroyOnReturn: false }));
      const { value: first } = await frames.next();
      if (first?.type === 'from') return new HeldPty(connection, first, frames, options);
      if (first?.type === 'error') throw new Error(`A shell could not be opened: ${first.reason}`);
      if (first?.type !== 'none') throw new Error('The connection to a shell ended before it began.');
      connection.destroy();
      return null;
    } catch (error) {
      connection.destroy();
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Resolves with the first output, of which nothing is taken from whoever reads it, or with the end. */
  async untilGreeted(): Promise<void> {
    await (this.#ahead ??= this.#frames.next());
  }

  /** Whether the shell can be heard; one whose end nobody has read of yet can. */
  get isConnected(): boolean {
    return !this.#over && this.#connection.writable;
  }

  write(data: Uint8Array): void {
    // A program that does not read its input must not fill the server's memory with it; a real terminal's buffer
    // drops keys, too, and holds far fewer.
    if (this.#connection.writableLength < INPUT_LIMIT) this.#send(inputFrames(data));
  }

  async resize(size: PtySize): Promise<void> {
    this.#send(resizeFrame(size));
  }

  detach(): void {
    this.#over = true;
    this.#connection.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    if (this.#connection.writable) await hangUp(this.#connection);
    else
      await this.#reconnect()
        .then(hangUp)
        .catch(() => undefined);
  }

  #send(frame: Buffer): void {
    if (this.#connection.writable) this.#connection.write(frame);
  }

  async *#read(): AsyncGenerator<Uint8Array, void, void> {
    let taken = this.from;
    let told = this.from;
    try {
      for (;;) {
        const next = this.#ahead ?? this.#frames.next();
        this.#ahead = null;
        const { value: frame } = await next;
        if (frame?.type === 'exit') {
          this.#over = true;
          this.#exit.resolve(frame.code);
          part(this.#connection);
          return;
        }
        if (frame?.type !== 'output') throw new Error('The connection to a shell ended before the shell.');
        yield frame.bytes;
        taken += frame.bytes.byteLength;
        if (taken - told >= TAKEN_STEP) {
          told = taken;
          this.#send(takenFrame(taken));
        }
      }
    } catch (error) {
      // Let go of or hung up on, it may end anywhere.
      if (!this.#over) throw error;
    } finally {
      this.#exit.resolve(null);
      // Whoever broke off reading must not hold the shell back.
      if (!this.#over) this.#connection.destroy();
    }
  }
}

/** Hang up over a connection; the holder goes on to send what the shell still prints. Resolves once it is said. */
async function hangUp(connection: Duplex): Promise<void> {
  limitEnd(connection);
  await new Promise<void>((resolve) => {
    connection.once('close', resolve);
    connection.write(hangUpFrame(), () => resolve());
  });
}

/** Answer that the end was seen: with that the holder goes. */
function part(connection: Duplex): void {
  limitEnd(connection);
  connection.end(hangUpFrame());
  connection.resume();
}

/** A holder that goes ends its connection; where the way to it is broken, nobody must wait for that. */
function limitEnd(connection: Duplex): void {
  const limit = setTimeout(() => connection.destroy(), HANG_UP_LIMIT_MS).unref();
  connection.once('close', () => clearTimeout(limit));
}
