import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { CLOSE_FILES } from '../close-files.ts';
import { connectSocket } from '../connect-socket.ts';
import { UserError } from '../user-error.ts';
import type { Emulator } from './emulator.ts';
import { GuestAgent } from './guest-agent.ts';
import { MACHINE_FILES, machineCommand, type MachineSpec } from './machine-command.ts';
import { Qmp } from './qmp.ts';

const RETRY_MS = 20;
/** A machine greets at once, unless somebody else holds its control socket. */
const GREETING_MS = 3_000;
const START_MS = 20_000;
const MIGRATION_POLL_MS = 10;

const Migration = z.object({ status: z.string().optional(), 'error-desc': z.string().optional() });
const RunState = z.object({ status: z.string() });

/**
 * A running virtual machine, which this process holds: nobody else can meanwhile. It is a process of its own, which
 * goes on when this one ends. Disposing it ends it at once.
 */
export interface Machine extends AsyncDisposable {
  /** Aborts, with the reason, when the machine ends by itself or its kernel fails. */
  readonly failed: AbortSignal;
  readonly agent: GuestAgent;
  /** Whether it runs still, which may be known here before `failed` says otherwise. */
  runs(): Promise<boolean>;
  /** The last lines of the guest's console; empty where there are none. */
  consoleTail(): Promise<string>;
  /** Stop the guest and write its state, without its memory, to a file; what its memory file holds is then the rest. */
  save(file: string): Promise<void>;
  /** Go on from a state; of a machine that was started `incoming` only. */
  resume(file: string): Promise<void>;
  /** Let go of it without ending it. */
  release(): void;
}

/** Start a machine in a folder, which holds its sockets and logs; nothing of another one may be there. */
export async function startMachine(
  emulator: Emulator,
  spec: MachineSpec,
  folder: string,
  signal: AbortSignal,
): Promise<Machine> {
  const command = ['-c', `${CLOSE_FILES}\nexec "$@"`, 'bash', ...machineCommand(emulator, spec)];
  const log = await open(join(folder, MACHINE_FILES.log), 'w', 0o600);
  // A session of its own: neither Ctrl-C nor a closed terminal nor this process's end is meant for it.
  // And none of this process's terminals, which would not be hung up with it.
  const child = spawn('bash', command, { cwd: folder, stdio: ['ignore', log.fd, log.fd], detached: true });
  const exited = once(child, 'exit').catch((error: unknown) => [error]);
  child.unref();
  await log.close();
  const ended = new AbortController();
  void exited.then(async ([code]) =>
    ended.abort(
      new UserError(`The engine's virtual machine did not start (${code}).\n${await logOf(folder)}`),
    ),
  );
  const late = AbortSignal.timeout(START_MS);
  const limit = AbortSignal.any([signal, ended.signal, late]);
  try {
    for (;;) {
      const machine = await connect(folder, limit);
      if (machine) return machine;
      await wait(RETRY_MS, undefined, { signal: limit });
    }
  } catch (error) {
    child.kill('SIGKILL');
    await exited;
    if (limit.reason === late.reason && late.aborted) {
      throw new UserError(
        `The engine's virtual machine did not start within ${START_MS / 1000} seconds. Start Drydock again.\n${await logOf(folder)}`,
      );
    }
    throw limit.aborted ? limit.reason : error;
  }
}

/**
 * Hold the machine that runs in a folder; null where none does. Rejects with a UserError where another process holds
 * it.
 */
export async function connectMachine(folder: string, signal: AbortSignal): Promise<Machine | null> {
  const limit = AbortSignal.timeout(GREETING_MS);
  try {
    return await connect(folder, AbortSignal.any([signal, limit]));
  } catch (error) {
    if (!limit.aborted) throw error;
    throw new UserError(
      'The engine is in use by another Drydock with the same cache folder. Stop that one, or set DRYDOCK_CACHE to another folder.',
    );
  }
}

/** Null where no machine runs, or it ends before it has greeted; rejects where it has not by when `signal` aborts. */
async function connect(folder: string, signal: AbortSignal): Promise<Machine | null> {
  const control = await connectSocket(folder, MACHINE_FILES.control);
  if (control === null) return null;
  let qmp: Qmp;
  try {
    qmp = await Qmp.open(control, signal);
  } catch (error) {
    const ended = control.destroyed && !signal.aborted;
    control.destroy();
    if (ended) return null;
    throw error;
  }
  const line = await connectSocket(folder, MACHINE_FILES.agent);
  if (line === null) {
    qmp[Symbol.dispose]();
    return null;
  }
  return new QemuMachine(folder, qmp, new GuestAgent(line));
}

class QemuMachine implements Machine {
  readonly agent: GuestAgent;
  readonly #folder: string;
  readonly #qmp: Qmp;
  readonly #failed = new AbortController();
  #wanted = true;

  constructor(folder: string, qmp: Qmp, agent: GuestAgent) {
    this.#folder = folder;
    this.#qmp = qmp;
    this.agent = agent;
    void qmp.closed.then(async () => {
      if (!this.#wanted) return;
      this.#failed.abort(
        new UserError(
          `The engine's virtual machine has ended, and its labs with it.\n${await logOf(folder)}${await this.consoleTail()}`,
        ),
      );
    });
  }

  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  async runs(): Promise<boolean> {
    return this.#qmp.execute('query-status').then(
      () => true,
      () => false,
    );
  }

  async consoleTail(): Promise<string> {
    return tailOf(join(this.#folder, MACHINE_FILES.console));
  }

  async save(file: string): Promise<void> {
    await this.#qmp.execute('stop');
    await this.#leaveMemoryInItsFile();
    await this.#qmp.execute('migrate', { uri: `file:${file}` });
    await this.#migrated();
  }

  async resume(file: string): Promise<void> {
    await this.#leaveMemoryInItsFile();
    await this.#qmp.execute('migrate-incoming', { uri: `file:${file}` });
    await this.#migrated();
    // It was stopped when it was saved.
    while (RunState.parse(await this.#qmp.execute('query-status')).status === 'inmigrate') {
      await wait(MIGRATION_POLL_MS);
    }
    await this.#qmp.execute('cont');
  }

  release(): void {
    this.#wanted = false;
    this.agent[Symbol.dispose]();
    this.#qmp[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#wanted = false;
    this.agent[Symbol.dispose]();
    // Not waited for: it may end before it answers.
    this.#qmp.execute('quit').catch(() => undefined);
    await this.#qmp.closed;
  }

  async #leaveMemoryInItsFile(): Promise<void> {
    await this.#qmp.execute('migrate-set-capabilities', {
      capabilities: [{ capability: 'x-ignore-shared', state: true }],
    });
  }

  async #migrated(): Promise<void> {
    for (;;) {
      const { status, 'error-desc': problem } = Migration.parse(await this.#qmp.execute('query-migrate'));
      if (status === 'completed') return;
      if (status === 'failed') throw new Error(`The virtual machine's state could not be moved: ${problem}`);
      await wait(MIGRATION_POLL_MS);
    }
  }
}

const logOf = (folder: string) => tailOf(join(folder, MACHINE_FILES.log));

async function tailOf(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').slice(-12).join('\n');
}
