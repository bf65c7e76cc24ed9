import type { Duplex } from 'node:stream';
import type { HostName, LocalizedText } from '../protocol/index.ts';

/** A running cluster. Disposing it removes everything that it made. */
export interface Cluster extends AsyncDisposable {
  readonly id: string;
  readonly hosts: ReadonlyMap<HostName, Host>;
  /**
   * Have ready on each host what a lab begins with: a shell at its prompt, which the first `openPty` gives, and what
   * checks look through. It stays ready while the hosts are frozen.
   */
  openAhead(signal: AbortSignal): Promise<void>;
  /** Stop its hosts where they stand: they keep what they have and take no processor time until `thaw`. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /**
   * Resolves with the first host that does not run any more although nobody has removed the cluster. Rejects when
   * `signal` aborts, which whoever removes the cluster or lets go of it has to see to.
   */
  untilHostLost(signal: AbortSignal): Promise<HostName>;
}

/** A host, as far as a learner's terminals go. */
export interface ShellHost {
  readonly name: HostName;
  /** Open a login shell on a terminal of its own. On a host of a cluster it outlives its connection, and the server. */
  openPty(size: PtySize, signal?: AbortSignal): Promise<Pty>;
  /**
   * See a shell that was opened before, from byte `since` of its output, or from the oldest kept: some MiB are.
   * A shell that ended while nobody saw it tells the rest. Null where it is gone. Only the newest is connected.
   */
  attachPty(id: string, since: number, signal?: AbortSignal): Promise<Pty | null>;
  /** Why a shell ended with a code that is its connection's; null where that is its own. */
  faultOf?(code: number | null): ShellFault | null;
}

/** A shell's end that was not its own: what its viewers are told, and whoever runs the server. */
export type ShellFault = { words: LocalizedText; error: Error };

/** One host of a cluster: a container with a Docker engine of its own. */
export interface Host extends ShellHost {
  /** IPv4 address on the cluster's network. */
  readonly address: string;
  /** Run a command as root to its end; output beyond `limit` bytes is cut and flagged. */
  exec(command: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /**
   * A raw connection to the API of the host's own Docker engine, as `dial` makes one: by nothing that is on the host,
   * but its socket.
   */
  dialEngine(signal: AbortSignal): Promise<Duplex>;
  /**
   * Resolves once `dial` and `dialEngine` have what they need to try a connection at once, for whoever times only what
   * comes after. Rejects with a ProbeError where it cannot be had.
   */
  untilDialling(signal: AbortSignal): Promise<void>;
  /**
   * A TCP connection from the host's network to an IPv4 address; ends when destroyed. Rejects where it is refused, and
   * with a ProbeError where it cannot be tried.
   */
  dial(address: string, port: number, signal: AbortSignal): Promise<Duplex>;
  /**
   * The network that a process of the host is in, by its number there. A helper beside the host, which the learner may
   * see among the host's processes, stands in it until it is disposed of.
   */
  enter(pid: number, signal: AbortSignal): Promise<EnteredNetwork>;
  /**
   * Run a bash script beside the host, in a container of the hosts' image that nobody has changed: with the host's
   * network, processes and engine, and its files under $ROOT. Output beyond `limit` bytes is cut and flagged.
   */
  runScript(script: string, options: ScriptOptions): Promise<ExecResult>;
  /** What is at an absolute path, without a program of the host's; null where there is nothing. */
  readFile(path: string, options: ExecOptions): Promise<FileContent | null>;
}

/** Connections out of a network that is not the host's own; `dial` as a host's. */
export interface EnteredNetwork extends AsyncDisposable {
  dial(address: string, port: number, signal: AbortSignal): Promise<Duplex>;
}

export type ScriptOptions = ExecOptions & { environment: Readonly<Record<string, string>> };

/** Of a file that is longer than the limit, its beginning; of what is no file, nothing. */
export type FileContent = { kind: 'file' | 'folder' | 'other'; bytes: Buffer };

export type ExecOptions = {
  signal: AbortSignal;
  /** Bytes kept of stdout and of stderr each; 64 KiB unless told. */
  limit?: number;
};

export type ExecResult = { exitCode: number; stdout: string; stderr: string; truncated: boolean };

export type PtySize = { columns: number; rows: number };

/** The size that shells have until a viewer says otherwise. */
export const INITIAL_PTY_SIZE: PtySize = { columns: 80, rows: 24 };

/** A shell's terminal: bytes in, bytes out. Disposing it ends the shell. */
export interface Pty extends AsyncDisposable {
  /** What `attachPty` finds it by. */
  readonly id: string;
  /** The number of the first byte of `output`; the first that the shell ever printed is number 0. */
  readonly from: number;
  /** How many bytes the shell had printed when it was opened or found: what comes before that number is old. */
  readonly printed: number;
  /** Everything the shell prints; ends with the shell. Not reading holds the shell back. */
  readonly output: AsyncIterable<Uint8Array>;
  write(data: Uint8Array): void;
  resize(size: PtySize): Promise<void>;
  /** The exit code, once `output` has ended; null where it is not known. */
  readonly exited: Promise<number | null>;
  /** Let go of the shell, which runs on where something can find it again; `output` ends. */
  detach(): void;
}

export type ClusterSpec = {
  hosts: readonly HostName[];
  /** The id that it is to have; one of its own unless told. */
  id?: string;
};

/** Told as each host changes state, in no fixed order. */
export type OnHostProgress = (host: HostName, state: 'starting' | 'ready') => void;

/** Makes a cluster; on failure or abort, nothing of it is left. */
export type ProvisionCluster = (
  spec: ClusterSpec,
  onProgress: OnHostProgress,
  signal: AbortSignal,
) => Promise<Cluster>;

/** Finds a cluster that was made before, by a process that has gone; null where it is not whole any more. */
export type AdoptCluster = (
  id: string,
  hosts: readonly HostName[],
  signal: AbortSignal,
) => Promise<Cluster | null>;
