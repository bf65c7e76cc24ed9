import { Duplex } from 'node:stream';
import type {
  EnteredNetwork,
  ExecOptions,
  ExecResult,
  FileContent,
  Host,
  PtySize,
} from '../../server/clusters/cluster.ts';
import type { HostName } from '../../server/protocol/index.ts';
import { FakePty } from './fake-pty.ts';
import { Signal } from './signal.ts';

/** What a fake shell prints for a line that was entered. */
export type Shell = (line: string, host: HostName) => string;

/** A host in memory, whose shells are fakes; with a `shell` they answer, without one a test prints for them. */
export class FakeHost implements Host {
  readonly name: HostName;
  readonly address: string;
  readonly ptys: FakePty[] = [];
  /** What `exec` gives; a test sets its own. */
  onExec: (command: readonly string[]) => Promise<ExecResult> = async (command) => {
    throw new Error(`the fake has no script for ${command.join(' ')}`);
  };
  /** Set to make the next shells fail to open. */
  ptyError: Error | null = null;
  /** Set to make it impossible to find shells again. */
  attachError: Error | null = null;
  /** How often a shell was asked for. */
  asked = 0;
  readonly #shell: Shell | undefined;
  readonly #opened = new Signal();

  constructor(name: HostName, shell?: Shell) {
    this.name = name;
    this.address = `172.30.0.${10 + Number(name.slice(4))}`;
    this.#shell = shell;
  }

  exec(command: readonly string[], _options: ExecOptions): Promise<ExecResult> {
    return this.onExec(command);
  }

  async openPty(size: PtySize): Promise<FakePty> {
    this.asked += 1;
    if (this.ptyError !== null) throw this.ptyError;
    const shell = this.#shell;
    const pty = new FakePty(shell && ((line) => shell(line, this.name)));
    pty.sizes.push(size);
    this.ptys.push(pty);
    this.#opened.notify();
    return pty;
  }

  /** A shell goes on behind what its last reader has taken, as a holder's does for whoever asks for the rest. */
  async attachPty(id: string): Promise<FakePty | null> {
    if (this.attachError !== null) throw this.attachError;
    const held = this.ptys.findLast((pty) => pty.id === id);
    if (held === undefined || held.disposed) return null;
    const pty = new FakePty(undefined, id);
    pty.from = held.from + held.taken;
    this.ptys.push(pty);
    return pty;
  }

  /** An engine that hangs up at once; a test of engines brings its own. */
  async dialEngine(): Promise<Duplex> {
    return Duplex.from([]);
  }

  async untilDialling(): Promise<void> {}

  dial(_address: string, _port: number): Promise<Duplex> {
    return Promise.reject(new Error('Connection refused'));
  }

  /** Files by their paths; none unless a test puts some there. */
  readonly files = new Map<string, FileContent>();

  async readFile(path: string): Promise<FileContent | null> {
    return this.files.get(path) ?? null;
  }

  enter(): Promise<EnteredNetwork> {
    return Promise.reject(new Error('the fake has no processes'));
  }

  runScript(): Promise<ExecResult> {
    return Promise.reject(new Error('the fake runs no scripts'));
  }

  /** The shell opened first. */
  get pty(): FakePty {
    const [pty] = this.ptys;
    if (pty === undefined) throw new Error(`no shell was opened on ${this.name}`);
    return pty;
  }

  /** The shell opened after the first, once it is. */
  async nextPty(): Promise<FakePty> {
    await this.#opened.until(() => this.ptys.length > 1);
    return this.ptys.at(-1) ?? this.pty;
  }
}
