import type { Duplex } from 'node:stream';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { HostName } from '../protocol/index.ts';
import { answerLimit, beforeAbort } from '../engines/before-abort.ts';
import type { ClusterKey } from './cluster-key.ts';
import {
  INITIAL_PTY_SIZE,
  type EnteredNetwork,
  type ExecOptions,
  type ExecResult,
  type FileContent,
  type Host,
  type Pty,
  type PtySize,
  type ScriptOptions,
} from './cluster.ts';
import { asConnection, outputOf, startExec } from './exec-stream.ts';
import { HeldPty } from './held-pty.ts';
import type { Probe } from './probe.ts';
import { readFileOf } from './read-file.ts';
import { runScriptBeside } from './run-script.ts';
import { statusOf } from './status-of.ts';

const ASK_AGAIN_MS = 1_000;
/** It takes milliseconds, and seconds on a busy emulated engine. */
const FREEZE_LIMIT_MS = 60_000;
/** The same of a shell's prompt, behind the start of its command. */
const OPEN_AHEAD_LIMIT_MS = 60_000;
/** And of reaching a shell's holder. */
const REACH_LIMIT_MS = 40_000;

/** The holder of a terminal's shell (`images/lab-host/drydock-pty.c`). */
const PTY_HOLDER = '/usr/local/lib/drydock/drydock-pty';

/** Where the host's engine listens. */
const ENGINE_SOCKET = '/run/docker.sock';

/** Runs a command that ends with its owner (`images/lab-host/drydock-run.c`). */
const RUNNER = '/usr/local/lib/drydock/drydock-run';

/** Gives the host other ssh keys. */
const RENEW_KEYS = '/usr/local/lib/drydock/renew-keys';

const SHELL = ['bash', '-l'];
const SHELL_ENVIRONMENT = ['TERM=xterm-256color', 'COLORTERM=truecolor', 'LANG=C.UTF-8'];

/** A host that is a container of an engine. */
export class DockerHost implements Host {
  readonly name: HostName;
  readonly address: string;
  readonly #docker: Docker;
  readonly #container: Docker.Container;
  readonly #probe: Probe;
  /** At its prompt, for whoever asks for a shell first. */
  #waitingShell: HeldPty | null = null;

  constructor(name: HostName, address: string, docker: Docker, container: Docker.Container, probe: Probe) {
    this.name = name;
    this.address = address;
    this.#docker = docker;
    this.#container = container;
    this.#probe = probe;
  }

  async exec(command: readonly string[], options: ExecOptions): Promise<ExecResult> {
    options.signal.throwIfAborted();
    const { exec, stream } = await startExec(this.#container, {
      Cmd: [RUNNER, ...command],
      // Never written to: while it is open, somebody waits for the command.
      AttachStdin: true,
    });
    const output = await outputOf(stream, this.#docker, options);
    const { ExitCode } = await exec.inspect();
    if (ExitCode === null) throw new Error(`A command on ${this.name} was cut off before it ended.`);
    stream.destroy();
    return { ...output, exitCode: ExitCode };
  }

  /** See Cluster. */
  async openAhead(signal: AbortSignal): Promise<void> {
    const limited = AbortSignal.any([signal, answerLimit(OPEN_AHEAD_LIMIT_MS)]);
    const openShell = async () => {
      const shell = await this.#openShell(INITIAL_PTY_SIZE, limited);
      await beforeAbort(limited, shell.untilGreeted());
      this.#waitingShell = shell;
    };
    await Promise.all([openShell(), this.untilDialling(limited)]);
  }

  async freeze(): Promise<void> {
    await this.#become(true, this.#container.pause());
  }

  async thaw(): Promise<void> {
    await this.#become(false, this.#container.unpause());
  }

  /** An engine refuses what is so already. */
  async #become(frozen: boolean, asked: Promise<unknown>): Promise<void> {
    const limit = answerLimit(FREEZE_LIMIT_MS);
    try {
      await beforeAbort(limit, asked);
    } catch (error) {
      limit.throwIfAborted();
      const { State } = await beforeAbort(limit, this.#container.inspect());
      if (State.Paused !== frozen) throw error;
    }
  }

  /** Give it other ssh keys than it was made with: the cluster's, and one of its own. */
  async renewKeys({ private: secret, public: shown }: ClusterKey, signal: AbortSignal): Promise<void> {
    // Words of a command can be seen on the host, whose root the key is for.
    const { exitCode, stderr } = await this.exec([RENEW_KEYS, secret, shown], { signal });
    if (exitCode !== 0) throw new Error(`${this.name} could not be given keys: ${stderr}`);
  }

  /** Resolves when its container does not run any more, or has been removed. Rejects when `signal` aborts. */
  async untilStopped(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.#container.wait({ condition: 'not-running', abortSignal: signal });
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (statusOf(error) === 404) return;
        // The engine could not be asked, or has ended the question; whether it lives is not for a host to say.
        await wait(ASK_AGAIN_MS, undefined, { signal });
      }
    }
  }

  async openPty(size: PtySize, signal?: AbortSignal): Promise<Pty> {
    const waiting = this.#waitingShell;
    this.#waitingShell = null;
    if (!waiting?.isConnected) return this.#openShell(size, signal);
    await waiting.resize(size);
    return waiting;
  }

  async #openShell({ columns, rows }: PtySize, signal?: AbortSignal): Promise<HeldPty> {
    const id = randomUUID();
    const pty = await this.#attach(id, 0, ['open', id, String(columns), String(rows), ...SHELL], signal);
    if (pty === null) throw new Error(`A shell on ${this.name} was gone before it was seen.`);
    return pty;
  }

  attachPty(id: string, since: number, signal?: AbortSignal): Promise<Pty | null> {
    return this.#attach(id, since, ['attach', id], signal);
  }

  async #attach(id: string, since: number, words: string[], signal?: AbortSignal): Promise<HeldPty | null> {
    const limited = AbortSignal.any([answerLimit(REACH_LIMIT_MS), ...(signal ? [signal] : [])]);
    return HeldPty.attach(await this.#reachHolder(words, limited), since, {
      id,
      reconnect: () => this.#reachHolder(['attach', id]),
      signal: limited,
    });
  }

  /** A connection to the holder of a shell, in one command. */
  async #reachHolder(
    words: readonly string[],
    signal: AbortSignal = answerLimit(REACH_LIMIT_MS),
  ): Promise<Duplex> {
    signal.throwIfAborted();
    const starting = startExec(this.#container, {
      Cmd: [PTY_HOLDER, ...words],
      AttachStdin: true,
      Env: SHELL_ENVIRONMENT,
      WorkingDir: '/root',
    });
    try {
      return asConnection(await beforeAbort(signal, starting), this.#docker);
    } catch (error) {
      // It may still come.
      starting.then(
        ({ stream }) => stream.destroy(),
        () => undefined,
      );
      throw error;
    }
  }

  untilDialling(signal: AbortSignal): Promise<void> {
    return this.#probe.untilLinked(signal);
  }

  dialEngine(signal: AbortSignal): Promise<Duplex> {
    return this.#probe.dial({ socket: ENGINE_SOCKET }, signal);
  }

  dial(address: string, port: number, signal: AbortSignal): Promise<Duplex> {
    return this.#probe.dial({ address, port }, signal);
  }

  enter(pid: number, signal: AbortSignal): Promise<EnteredNetwork> {
    return this.#probe.enter(pid, signal);
  }

  runScript(script: string, options: ScriptOptions): Promise<ExecResult> {
    return runScriptBeside(this.#docker, this.#container, script, options);
  }

  readFile(path: string, options: ExecOptions): Promise<FileContent | null> {
    return readFileOf(this.#container, path, options);
  }
}
