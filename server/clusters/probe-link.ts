import { Duplex } from 'node:stream';
import { asError } from './as-error.ts';
import { ProbeError } from './probe-error.ts';
import {
  closeFrame,
  dataFrame,
  endFrame,
  openFrame,
  PROBE_PIECE,
  PROBE_WINDOW,
  probeFrames,
  takenFrame,
  type ProbeFrame,
  type ProbeTarget,
} from './probe-frames.ts';

/** What is read is told this often, so that the probe seldom waits for it. */
const TAKEN_STEP = PROBE_WINDOW / 4;

/** Any number of connections from where a probe is, over one stream to it. */
export class ProbeLink {
  readonly #stream: Duplex;
  readonly #connections = new Map<number, ProbeConnection>();
  readonly #closed = Promise.withResolvers<void>();
  #last = 0;
  #broken: ProbeError | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    void this.#read();
  }

  /** Resolves once the stream has ended, and each of its connections with it. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /**
   * Resolves once the connection stands. Rejects where it is refused, when `signal` aborts before, and with a ProbeError
   * where the link has gone; so does a connection that stands when that goes.
   */
  async dial(target: ProbeTarget, signal: AbortSignal): Promise<Duplex> {
    signal.throwIfAborted();
    if (this.#broken) throw this.#broken;
    const number = (this.#last += 1);
    const connection = new ProbeConnection(number, (frame) => this.#stream.write(frame));
    this.#connections.set(number, connection);
    connection.once('close', () => this.#connections.delete(number));
    const abort = () => connection.destroy(asError(signal.reason));
    signal.addEventListener('abort', abort);
    try {
      this.#stream.write(openFrame(number, target));
      await connection.opened;
      return connection;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  close(): void {
    this.#stream.destroy();
  }

  async #read(): Promise<void> {
    try {
      for await (const frame of probeFrames(this.#stream))
        this.#connections.get(frame.connection)?.receive(frame);
      this.#broken = new ProbeError('The probe has gone');
    } catch (error) {
      this.#broken = new ProbeError(`The probe has gone: ${asError(error).message}`, { cause: error });
    }
    this.#stream.destroy();
    for (const connection of this.#connections.values()) connection.fail(this.#broken);
    this.#closed.resolve();
  }
}

/** One connection; each way no more than a window is sent ahead of what the other side has taken. */
class ProbeConnection extends Duplex {
  readonly opened: Promise<void>;
  readonly #open = Promise.withResolvers<void>();
  readonly #number: number;
  readonly #send: (frame: Buffer) => void;
  #credit = PROBE_WINDOW;
  /** What is being written, as far as there was no room for it yet. */
  #waiting: { bytes: Buffer; done: () => void } | undefined;
  #received = 0;
  #gone = false;

  constructor(number: number, send: (frame: Buffer) => void) {
    super({ highWaterMark: PROBE_WINDOW });
    this.#number = number;
    this.#send = send;
    this.opened = this.#open.promise;
    // Whoever uses the connection hears of it; where nobody does any more, it must not end the process.
    this.on('error', () => undefined);
    this.opened.catch(() => undefined);
  }

  receive(frame: ProbeFrame): void {
    if (this.destroyed) return;
    switch (frame.type) {
      case 'open':
        return this.#open.resolve();
      case 'data':
        this.#received += frame.bytes.byteLength;
        return void this.push(frame.bytes);
      case 'end':
        return void this.push(null);
      case 'taken':
        this.#credit += frame.count;
        return this.#flush();
      case 'closed':
        this.#gone = true;
        // One that has ended both ways goes by itself, once what it still holds has been read.
        if (frame.reason !== '') this.destroy(new Error(frame.reason));
        return undefined;
      default:
        return frame satisfies never;
    }
  }

  fail(error: Error): void {
    this.#gone = true;
    this.destroy(error);
  }

  override _read(): void {
    if (this.#received < TAKEN_STEP) return;
    this.#tell(takenFrame(this.#number, this.#received));
    this.#received = 0;
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#waiting = { bytes, done };
    this.#flush();
  }

  override _final(done: () => void): void {
    this.#tell(endFrame(this.#number));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#tell(closeFrame(this.#number));
    this.#gone = true;
    this.#open.reject(error ?? new Error('The connection was closed before it stood.'));
    done(error);
  }

  #flush(): void {
    if (this.#waiting === undefined) return;
    let { bytes } = this.#waiting;
    const { done } = this.#waiting;
    while (bytes.byteLength > 0 && this.#credit > 0) {
      const piece = bytes.subarray(0, Math.min(this.#credit, PROBE_PIECE));
      this.#credit -= piece.byteLength;
      this.#tell(dataFrame(this.#number, piece));
      bytes = bytes.subarray(piece.byteLength);
    }
    this.#waiting = bytes.byteLength > 0 ? { bytes, done } : undefined;
    if (this.#waiting === undefined) done();
  }

  #tell(frame: Buffer): void {
    if (!this.#gone) this.#send(frame);
  }
}
