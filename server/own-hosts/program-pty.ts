import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import type { IPty } from '@lydell/node-pty';
import type { Pty, PtySize } from '../clusters/cluster.ts';
import { CLOSE_FILES } from '../engines/close-files.ts';
import { signalSession } from './signal-session.ts';

/** Output that may wait here; more is left in the kernel's terminal, which then holds the program back. */
const OUTPUT_WINDOW = 64 * 1024;
/** Input that may wait for a program that reads none; more is dropped, as a real terminal drops keys. */
const INPUT_LIMIT = 2 ** 20;
/** How soon a program that takes no more is offered the rest, and then ever later. */
const INPUT_RETRY_MS = { first: 1, most: 64 } as const;
/** Read at most after the end: what was left in the background may print without one. */
const LEFTOVER = 256 * 1024;
/** From the hang-up to SIGKILL. */
const GRACE_MS = 2000;

/** What node-pty leaves undone: without an encoding it does not tell the kernel that a character may have several bytes. */
const BEGIN = `stty iutf8\n${CLOSE_FILES}\nexec "$@"`;

/** What node-pty's terminal has beyond its types; its version is pinned. */
function partsOf(terminal: IPty): { fd: number; path: string; stream: ReadStream } {
  const [fd, path, stream]: unknown[] = ['fd', 'ptsName', '_socket'].map((name) =>
    Reflect.get(terminal, name),
  );
  if (typeof fd !== 'number' || typeof path !== 'string' || !(stream instanceof ReadStream)) {
    throw new TypeError('This is another node-pty than the one that was tried.');
  }
  return { fd, path, stream };
}

export type Program = {
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  folder: string;
};

/**
 * A program of this machine on a terminal of node-pty's. It belongs to this process, so that to let go of it ends it.
 *
 * node-pty destroys its stream 200 ms after the program's exit, or when the last to have the terminal open has gone, with
 * whatever was not read by then; and it writes to a terminal whose program does not read by trying again without end. So
 * the terminal is kept open here, the stream is ended once nothing is left in it, and input is written here: at once, as
 * the terminal takes what it has room for, and so that nothing is still on its way to a number that is another file's by
 * then.
 */
export class ProgramPty implements Pty {
  readonly id = randomUUID();
  readonly from = 0;
  readonly printed = 0;
  readonly output: AsyncIterable<Uint8Array>;
  readonly exited: Promise<number | null>;
  readonly #terminal: IPty;
  readonly #fd: number;
  /** The program's end of the terminal. */
  readonly #programsEnd: number;
  readonly #exit = Promise.withResolvers<number | null>();
  #chunks: Uint8Array[] = [];
  #waiting = 0;
  #leftover = LEFTOVER;
  #hasExited = false;
  #wake: () => void = () => undefined;
  #isClosed = false;
  #abandoned = false;
  #input: Buffer[] = [];
  #inputBytes = 0;
  #retry: NodeJS.Timeout | null = null;
  #retryMs: number = INPUT_RETRY_MS.first;
  /** Whether the terminal's number may be another file's before long. */
  #isLetGo = false;
  #hangUp: Promise<void> | null = null;

  private constructor(terminal: IPty) {
    const { fd, path, stream } = partsOf(terminal);
    this.#terminal = terminal;
    this.#fd = fd;
    this.exited = this.#exit.promise;
    terminal.onData((data) => this.#keep(asBytes(data)));
    terminal.onExit(({ exitCode, signal }) => {
      this.#isClosed = true;
      closeSync(this.#programsEnd);
      this.#exit.resolve(signal ? 128 + signal : exitCode);
      this.#wake();
    });
    this.#programsEnd = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
    const destroy = stream.destroy.bind(stream);
    stream.destroy = (error?: Error) => {
      if (error) {
        this.#isLetGo = true;
        destroy(error);
      }
      // Its program has exited.
      else if (!this.#hasExited) {
        this.#hasExited = true;
        terminal.resume();
        this.#letGoOnceDrained(destroy);
      }
      return stream;
    };
    this.output = this.#read();
  }

  static async open(program: Program, { columns, rows }: PtySize): Promise<ProgramPty> {
    // Loaded only where it is needed: it is a native module.
    const { spawn } = await import('@lydell/node-pty');
    const terminal = spawn('bash', ['-c', BEGIN, 'bash', ...program.command], {
      name: 'xterm-256color',
      cols: columns,
      rows,
      cwd: program.folder,
      env: { ...program.environment },
      encoding: null,
    });
    return new ProgramPty(terminal);
  }

  write(data: Uint8Array): void {
    if (!this.#takesInput || this.#inputBytes + data.byteLength > INPUT_LIMIT) return;
    this.#input.push(Buffer.from(data));
    this.#inputBytes += data.byteLength;
    if (this.#retry === null) this.#writeAll();
  }

  async resize({ columns, rows }: PtySize): Promise<void> {
    if (!this.#isLetGo) this.#terminal.resize(columns, rows);
  }

  detach(): void {
    void this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#hangUp ??= this.#hangUpAll());
  }

  async #hangUpAll(): Promise<void> {
    const { pid } = this.#terminal;
    if (!this.#hasExited) signalSession(pid, 'SIGHUP');
    const killed = setTimeout(() => signalSession(pid, 'SIGKILL'), GRACE_MS);
    this.#abandon();
    await this.exited;
    clearTimeout(killed);
    // What the shell had only just started, and what ignores being hung up.
    signalSession(pid, 'SIGHUP');
  }

  /** Nobody must be waited for who does not read any more; who does is given the rest. */
  #abandon(): void {
    this.#abandoned = true;
    this.#terminal.resume();
  }

  #keep(data: Uint8Array): void {
    if (this.#hasExited) this.#leftover -= data.byteLength;
    this.#chunks.push(data);
    this.#waiting += data.byteLength;
    if (this.#waiting >= OUTPUT_WINDOW && !this.#hasExited && !this.#abandoned) this.#terminal.pause();
    this.#wake();
  }

  async *#read(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          this.#waiting -= chunk.byteLength;
          if (this.#waiting < OUTPUT_WINDOW) this.#terminal.resume();
          yield chunk;
        } else if (this.#isClosed) return;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.#abandon();
    }
  }

  /** The kernel is asked once between two turns: where it had nothing then, the terminal is empty. */
  #letGoOnceDrained(close: () => void): void {
    const before = this.#leftover;
    setImmediate(() =>
      setImmediate(() => {
        if (this.#leftover === before || this.#leftover <= 0) {
          this.#isLetGo = true;
          close();
        } else this.#letGoOnceDrained(close);
      }),
    );
  }

  get #takesInput(): boolean {
    return !this.#hasExited && !this.#isLetGo;
  }

  #writeAll(): void {
    this.#retry = null;
    while (this.#input[0] !== undefined && this.#takesInput) {
      const written = this.#tryToWrite(this.#input[0]);
      if (written === null) {
        this.#retry = setTimeout(() => this.#writeAll(), this.#retryMs).unref();
        this.#retryMs = Math.min(2 * this.#retryMs, INPUT_RETRY_MS.most);
        return;
      }
      this.#retryMs = INPUT_RETRY_MS.first;
      this.#inputBytes -= written;
      const rest = this.#input[0].subarray(written);
      if (rest.byteLength > 0) this.#input[0] = rest;
      else this.#input.shift();
    }
  }

  /** How many bytes were taken; null where the terminal has no room now. What it cannot take at all is lost. */
  #tryToWrite(data: Buffer): number | null {
    try {
      return writeSync(this.#fd, data);
    } catch (error) {
      return isFull(error) ? null : data.byteLength;
    }
  }
}

/** What node-pty types as text, and what is bytes of its reader's own without an encoding. */
const asBytes = (data: unknown): Uint8Array => {
  if (data instanceof Uint8Array) return data;
  throw new TypeError('A terminal that was to give bytes gave something else.');
};

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EAGAIN';
