import { Duplex, PassThrough, type Writable } from 'node:stream';
import type Docker from 'dockerode';
import { asError } from './as-error.ts';
import type { ExecOptions, ExecResult } from './cluster.ts';

/** Bytes that are kept of what a command prints, unless told. */
export const OUTPUT_LIMIT = 64 * 1024;

/** A command that was started in a container, as the engine's API sees it. */
export type StartedExec = { exec: Docker.Exec; stream: Duplex };

/** Start a command in a container over a hijacked stream: bytes both ways, nothing lost at its end. */
export async function startExec(
  container: Docker.Container,
  options: Omit<Docker.ExecCreateOptions, 'AttachStdout' | 'AttachStderr'>,
): Promise<StartedExec> {
  const stdin = options.AttachStdin ?? false;
  const exec = await container.exec({ ...options, AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true, stdin, Tty: options.Tty ?? false });
  // Whoever reads it is told of what breaks it; where nobody does, that must not end the process.
  stream.on('error', () => undefined);
  return { exec, stream };
}

/** Hand a stream without a terminal to its two parts, and wait for its end. */
export async function demultiplex(
  stream: Duplex,
  stdout: Writable,
  stderr: Writable,
  docker: Docker,
): Promise<void> {
  docker.modem.demuxStream(stream, stdout, stderr);
  await new Promise<void>((resolve, reject) => {
    stream.once('end', resolve);
    stream.once('close', resolve);
    stream.once('error', reject);
  });
}

/** What is printed on a stream without a terminal until that ends. Rejects when `signal` aborts, which destroys it. */
export async function outputOf(
  stream: Duplex,
  docker: Docker,
  { signal, limit = OUTPUT_LIMIT }: ExecOptions,
): Promise<Omit<ExecResult, 'exitCode'>> {
  const abort = () => stream.destroy(asError(signal.reason));
  signal.addEventListener('abort', abort);
  const stdout = new BoundedText(limit);
  const stderr = new BoundedText(limit);
  try {
    if (signal.aborted) abort();
    await demultiplex(stream, stdout.sink, stderr.sink, docker);
    signal.throwIfAborted();
    return {
      stdout: stdout.text,
      stderr: stderr.text,
      truncated: stdout.truncated || stderr.truncated,
    };
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** A command's standard input and output as one connection; what it says on standard error is dropped. */
export function asConnection({ stream }: Pick<StartedExec, 'stream'>, docker: Docker): Duplex {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  stderr.resume();
  docker.modem.demuxStream(stream, stdout, stderr);
  stream.once('end', () => stdout.end());
  stream.once('close', () => stdout.end());
  const connection = Duplex.from({ readable: stdout, writable: stream });
  // Node.js calls being destroyed before the end an error of the joined stream, also when it was asked for; whoever
  // uses the connection hears it all the same.
  connection.on('error', () => undefined);
  connection.once('close', () => stream.destroy());
  return connection;
}

/** Keeps what is written to it up to a number of bytes, and says whether there was more. */
export class BoundedText {
  readonly #chunks: Buffer[] = [];
  readonly #limit: number;
  #length = 0;
  truncated = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  readonly sink = new PassThrough().on('data', (chunk: Buffer) => this.#keep(chunk));

  #keep(chunk: Buffer): void {
    const room = this.#limit - this.#length;
    if (chunk.length > room) this.truncated = true;
    if (room <= 0) return;
    const kept = chunk.subarray(0, room);
    this.#chunks.push(kept);
    this.#length += kept.length;
  }

  /** What was kept, as UTF-8; of a character that was cut in two, nothing. */
  get text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(this.#chunks), {
      stream: this.truncated,
    });
  }
}
