import { randomUUID } from 'node:crypto';
import { Duplex } from 'node:stream';
import type {
  Cluster,
  ClusterSpec,
  ExecOptions,
  ExecResult,
  Host,
  OnHostProgress,
  Pty,
  PtySize,
} from '../../server/clusters/cluster.ts';
import type { HostName } from '../../server/protocol/index.ts';
import { Signal } from './signal.ts';

/** What a fake shell prints for a line that was entered. */
export type Shell = (line: string, host: HostName) => string;

/**
 * A shell in memory: what it prints is scripted by `print`, what was typed into it is in `typed`. With a `shell`
 * it echoes keys and answers each entered line, as a real one would.
 */
export class FakePty implements Pty {
  readonly id = randomUUID();
  from = 0;
  detached = false;
  readonly output: AsyncIterable<Uint8Array>;
  readonly exited: Promise<number | null>;
  readonly sizes: PtySize[] = [];
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

  constructor(answer?: (line: string) => string) {
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

  /** Shells in memory end with the server: none is ever found again. */
  async attachPty(): Promise<null> {
    return null;
  }

  /** An engine that hangs up at once; a test of engines brings its own. */
  async dialEngine(): Promise<Duplex> {
    return Duplex.from([]);
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

/** The contract's fake: hosts in memory, for tests of what stands above clusters. */
export class FakeCluster implements Cluster {
  readonly id = 'fake';
  readonly hosts: ReadonlyMap<HostName, FakeHost>;
  disposals = 0;

  constructor(hosts: readonly HostName[], shell?: Shell) {
    this.hosts = new Map(hosts.map((name) => [name, new FakeHost(name, shell)]));
  }

  host(name: HostName): FakeHost {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`the fake cluster has no ${name}`);
    return host;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposals += 1;
  }
}

/**
 * Provisions fake clusters. `hold` makes it wait until `release`, or until `fail`; without it clusters are
 * there at once.
 */
export class FakeProvisioner {
  readonly clusters: FakeCluster[] = [];
  readonly signals: AbortSignal[] = [];
  requests = 0;
  prepare: (cluster: FakeCluster) => void = () => {};
  readonly #shell: Shell | undefined;
  #gate: PromiseWithResolvers<void> | null = null;

  constructor(shell?: Shell) {
    this.#shell = shell;
  }

  hold(): void {
    this.#gate = Promise.withResolvers();
  }

  release(): void {
    this.#gate?.resolve();
    this.#gate = null;
  }

  fail(error: Error): void {
    this.#gate?.reject(error);
    this.#gate = null;
  }

  get cluster(): FakeCluster {
    const cluster = this.clusters.at(-1);
    if (cluster === undefined) throw new Error('no cluster was provisioned');
    return cluster;
  }

  /** A ProvisionCluster. Heeds no abort: what it is given too late is the session's to remove. */
  readonly provision = async (
    { hosts }: ClusterSpec,
    onProgress: OnHostProgress,
    signal: AbortSignal,
  ): Promise<FakeCluster> => {
    this.requests += 1;
    this.signals.push(signal);
    for (const host of hosts) onProgress(host, 'starting');
    await this.#gate?.promise;
    for (const host of hosts) onProgress(host, 'ready');
    const cluster = new FakeCluster(hosts, this.#shell);
    this.prepare(cluster);
    this.clusters.push(cluster);
    return cluster;
  };
}
