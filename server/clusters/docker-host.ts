import type { Duplex } from 'node:stream';
import { randomUUID } from 'node:crypto';
import type Docker from 'dockerode';
import type { HostName } from '../protocol/index.ts';
import { asError } from './as-error.ts';
import type { ExecOptions, ExecResult, Host, Pty, PtySize } from './cluster.ts';
import { openDockerPty } from './docker-pty.ts';
import { asConnection, BoundedText, demultiplex, startExec } from './exec-stream.ts';

const OUTPUT_LIMIT = 64 * 1024;

/** A host that is a container of an engine. */
export class DockerHost implements Host {
  readonly name: HostName;
  readonly address: string;
  readonly #docker: Docker;
  readonly #container: Docker.Container;

  constructor(name: HostName, address: string, docker: Docker, container: Docker.Container) {
    this.name = name;
    this.address = address;
    this.#docker = docker;
    this.#container = container;
  }

  async exec(command: readonly string[], { signal, limit = OUTPUT_LIMIT }: ExecOptions): Promise<ExecResult> {
    signal.throwIfAborted();
    const { exec, stream } = await startExec(this.#container, { Cmd: [...command] });
    const abort = () => stream.destroy(asError(signal.reason));
    signal.addEventListener('abort', abort);
    const stdout = new BoundedText(limit);
    const stderr = new BoundedText(limit);
    try {
      if (signal.aborted) abort();
      await demultiplex(stream, stdout.sink, stderr.sink, this.#docker);
      signal.throwIfAborted();
      const { ExitCode } = await exec.inspect();
      if (ExitCode === null) throw new Error(`A command on ${this.name} was cut off before it ended.`);
      return {
        exitCode: ExitCode,
        stdout: stdout.text,
        stderr: stderr.text,
        truncated: stdout.truncated || stderr.truncated,
      };
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  openPty(size: PtySize, signal?: AbortSignal): Promise<Pty> {
    return openDockerPty(this.#container, size, randomUUID(), signal);
  }

  async dialEngine(): Promise<Duplex> {
    const started = await startExec(this.#container, {
      Cmd: ['docker', 'system', 'dial-stdio'],
      AttachStdin: true,
    });
    return asConnection(started, this.#docker);
  }
}
