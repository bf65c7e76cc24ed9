import type { Cluster, Host, Pty } from '../clusters/cluster.ts';
import type { TerminalId } from '../protocol/index.ts';
import { OutputLog } from '../terminals/output-log.ts';
import { Terminal, type TerminalOptions } from '../terminals/terminal.ts';
import type { StoredSession } from './store.ts';

/** The terminals of a lab, as they are kept to be found again. */
type Places = StoredSession['terminals'];
type ShellPlace = Places[number]['shell'];

export type LabOptions = {
  /** Ends what is being opened. */
  signal: AbortSignal;
  /** Told why a shell broke off, or could not be opened or found. */
  onError: (error: unknown, terminal: TerminalId) => void;
  /** Told when `places` are other ones. */
  onShell: () => void;
  /** Told whenever a shell has printed something. */
  onOutput: () => void;
};

/** A session's hosts while they run: their cluster, and a terminal on each. Disposing it ends and removes both. */
export class Lab implements AsyncDisposable {
  readonly cluster: Cluster;
  readonly terminals: ReadonlyMap<TerminalId, Terminal>;
  readonly #owned: AsyncDisposableStack;

  private constructor(cluster: Cluster, terminals: readonly Terminal[], owned: AsyncDisposableStack) {
    this.cluster = cluster;
    this.terminals = new Map(terminals.map((terminal) => [terminal.id, terminal]));
    this.#owned = owned;
  }

  /** Open a shell on each host of a new cluster, which is removed where that fails. */
  static async open(cluster: Cluster, options: LabOptions): Promise<Lab> {
    await using owned = new AsyncDisposableStack();
    owned.use(cluster);
    // An abort may have come too late for whoever made the cluster.
    options.signal.throwIfAborted();
    const terminals = await onEachHost(cluster, owned, (host) =>
      Terminal.open(terminalOptions(host, options)),
    );
    return new Lab(cluster, terminals, owned.move());
  }

  /**
   * Find the shells of a cluster again that an earlier start of the server has left. Never rejects for a shell's sake:
   * the cluster is the learner's work, and one that cannot be reached has ended for them, who open the next with Enter.
   */
  static async resume(cluster: Cluster, places: Places, options: LabOptions): Promise<Lab> {
    const owned = new AsyncDisposableStack();
    owned.use(cluster);
    const terminals = await onEachHost(cluster, owned, (host) =>
      resumeTerminal(host, places.find(({ id }) => id === host.name)?.shell ?? null, options),
    );
    return new Lab(cluster, terminals, owned);
  }

  get places(): Places {
    return [...this.terminals.values()].map(({ id, host, shell }) => ({ id, host, shell }));
  }

  /** Let go of the shells, which run on with their hosts. */
  async leave(): Promise<void> {
    await Promise.all([...this.terminals.values()].map((terminal) => terminal.leave()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

/** A terminal for each host, owned by `owned` as soon as it is open, so that a failing one leaks none. */
async function onEachHost(
  cluster: Cluster,
  owned: AsyncDisposableStack,
  open: (host: Host) => Promise<Terminal>,
): Promise<Terminal[]> {
  const opened = await Promise.allSettled(
    [...cluster.hosts.values()].map(async (host) => owned.use(await open(host))),
  );
  return opened.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** A shell goes on with the numbers that its bytes had, so that a page which has seen them is given the rest. */
async function resumeTerminal(host: Host, shell: ShellPlace, options: LabOptions): Promise<Terminal> {
  const pty = shell && (await findShell(host, shell.id, options));
  const start = shell && pty ? Math.max(0, shell.origin + pty.from) : 0;
  const log = new OutputLog(undefined, undefined, start);
  return Terminal.resume({ ...terminalOptions(host, options), log }, pty, pty?.from ?? 0);
}

async function findShell(host: Host, id: string, { signal, onError }: LabOptions): Promise<Pty | null> {
  try {
    return await host.attachPty(id, 0, signal);
  } catch (error) {
    onError(error, host.name);
    return null;
  }
}

const terminalOptions = (
  host: Host,
  { signal, onError, onShell, onOutput }: LabOptions,
): TerminalOptions => ({
  id: host.name,
  host: host.name,
  open: (size) => host.openPty(size, signal),
  onError: (error) => onError(error, host.name),
  onShell,
  onOutput,
});
