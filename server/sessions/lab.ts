import type { Cluster, Pty, ShellHost } from '../clusters/cluster.ts';
import type { OwnHosts } from '../own-hosts/own-hosts.ts';
import { MAX_TERMINALS_PER_HOST } from '../protocol/index.ts';
import type { HostName, TerminalId } from '../protocol/index.ts';
import { OutputLog } from '../terminals/output-log.ts';
import { Terminal, type TerminalOptions } from '../terminals/terminal.ts';
import { LabError } from './errors.ts';
import type { StoredSession } from './store.ts';

/** The terminals of a lab, as they are kept to be found again. */
type Places = StoredSession['terminals'];
type ShellPlace = Places[number]['shell'];

/** The hosts of a session: a cluster, or machines that exist already. */
export type LabHosts = Cluster | OwnHosts;

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

/**
 * A session's hosts while they run: their cluster, and the terminals on each. Every host has one; the learner may open
 * more and close those. Disposing it ends and removes all.
 */
export class Lab implements AsyncDisposable {
  readonly cluster: LabHosts;
  readonly #options: LabOptions;
  readonly #terminals: Map<TerminalId, Terminal>;
  /** Ids of terminals whose shells are being opened. */
  readonly #opening = new Set<TerminalId>();
  readonly #owned: AsyncDisposableStack;

  private constructor(
    cluster: LabHosts,
    terminals: readonly Terminal[],
    owned: AsyncDisposableStack,
    options: LabOptions,
  ) {
    this.cluster = cluster;
    this.#options = options;
    this.#terminals = new Map(terminals.map((terminal) => [terminal.id, terminal]));
    this.#owned = owned;
  }

  /** Open a shell on each host of a new cluster, which is removed where that fails. */
  static async open(cluster: LabHosts, options: LabOptions): Promise<Lab> {
    await using owned = new AsyncDisposableStack();
    owned.use(cluster);
    // An abort may have come too late for whoever made the cluster.
    options.signal.throwIfAborted();
    const terminals = await openAll(owned, [...cluster.hosts.values()], (host) =>
      Terminal.open(terminalOptions(host.name, host, options)),
    );
    return new Lab(cluster, terminals, owned.move(), options);
  }

  /**
   * Find the shells of a cluster again that an earlier start of the server has left. Never rejects for a shell's sake:
   * the cluster is the learner's work, and one that cannot be reached has ended for them, who open the next with Enter.
   */
  static async resume(cluster: LabHosts, places: Places, options: LabOptions): Promise<Lab> {
    const owned = new AsyncDisposableStack();
    owned.use(cluster);
    const known = [...cluster.hosts.values()].flatMap((host) => {
      const first = { id: host.name, host, shell: null };
      const kept = places.filter((place) => place.host === host.name).map((place) => ({ ...place, host }));
      return kept.some(({ id }) => id === first.id) ? kept : [first, ...kept];
    });
    const terminals = await openAll(owned, known, ({ id, host, shell }) =>
      resumeTerminal(id, host, shell, options),
    );
    return new Lab(cluster, terminals, owned, options);
  }

  /** Those of a host together, in the order of their ids. */
  get terminals(): ReadonlyMap<TerminalId, Terminal> {
    return this.#terminals;
  }

  /** The terminals as the learner is told of them. */
  get list(): { id: TerminalId; host: HostName }[] {
    const listed = [...this.#terminals.values()].map(({ id, host }) => ({ id, host }));
    return listed.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  get places(): Places {
    return this.list.map(({ id, host }) => ({ id, host, shell: this.#terminals.get(id)?.shell ?? null }));
  }

  /**
   * Open another terminal on a host. Rejects with bad_request for a host that there is not, terminals_exhausted,
   * session_not_ready where the host gives no shell.
   */
  async openTerminal(name: HostName): Promise<TerminalId> {
    const host = this.cluster.hosts.get(name);
    if (host === undefined) throw new LabError('bad_request');
    const id = this.#freeId(name);
    this.#opening.add(id);
    try {
      const terminal = await Terminal.open(terminalOptions(id, host, this.#options));
      if (this.#options.signal.aborted) {
        await terminal[Symbol.asyncDispose]();
        throw new LabError('session_not_ready');
      }
      this.#terminals.set(id, terminal);
      return id;
    } catch (error) {
      if (error instanceof LabError) throw error;
      this.#options.onError(error, id);
      throw new LabError('session_not_ready', noShell(name));
    } finally {
      this.#opening.delete(id);
    }
  }

  /** Close a terminal and end what runs in it. A host's first stays, and what there is not is closed. */
  async closeTerminal(id: TerminalId): Promise<void> {
    const terminal = this.#terminals.get(id);
    if (terminal === undefined || id === terminal.host) return;
    this.#terminals.delete(id);
    await terminal[Symbol.asyncDispose]();
  }

  /** Let go of the shells, which run on with their hosts. */
  async leave(): Promise<void> {
    await Promise.all([...this.#terminals.values()].map((terminal) => terminal.leave()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Those that were opened since are not among what is owned; to dispose of one twice does nothing.
    for (const terminal of this.#terminals.values()) this.#owned.use(terminal);
    await this.#owned.disposeAsync();
  }

  #freeId(host: HostName): TerminalId {
    for (let number = 2; number <= MAX_TERMINALS_PER_HOST; number++) {
      const id = `${host}-${number}`;
      if (!this.#terminals.has(id) && !this.#opening.has(id)) return id;
    }
    throw new LabError('terminals_exhausted');
  }
}

const noShell = (host: HostName) => ({
  en: `${host} gave no other shell. Try again; if that does not help, end the lab and start it anew.`,
  'zh-CN': `${host} 没有打开新的 shell。请重试；如果仍然不行，请结束实验并重新开始。`,
});

/** A terminal for each of these, owned by `owned` as soon as it is open, so that a failing one leaks none. */
async function openAll<Place>(
  owned: AsyncDisposableStack,
  places: readonly Place[],
  open: (place: Place) => Promise<Terminal>,
): Promise<Terminal[]> {
  const opened = await Promise.allSettled(places.map(async (place) => owned.use(await open(place))));
  return opened.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** A shell that is found goes on with the log that it had, so that a page which has seen its bytes is given the rest. */
async function resumeTerminal(
  id: TerminalId,
  host: ShellHost,
  shell: ShellPlace,
  options: LabOptions,
): Promise<Terminal> {
  const pty = shell && (await findShell(id, host, shell.id, options));
  const log = new OutputLog(
    shell && pty ? { id: shell.log, start: Math.max(0, shell.origin + pty.from) } : {},
  );
  return Terminal.resume({ ...terminalOptions(id, host, options), log }, pty, pty?.from ?? 0);
}

async function findShell(
  id: TerminalId,
  host: ShellHost,
  shell: string,
  { signal, onError }: LabOptions,
): Promise<Pty | null> {
  try {
    return await host.attachPty(shell, 0, signal);
  } catch (error) {
    onError(error, id);
    return null;
  }
}

const terminalOptions = (
  id: TerminalId,
  host: ShellHost,
  { signal, onError, onShell, onOutput }: LabOptions,
): TerminalOptions => ({
  id,
  host: host.name,
  open: (size) => host.openPty(size, signal),
  faultOf: (code) => host.faultOf?.(code) ?? null,
  onError: (error) => onError(error, id),
  onShell,
  onOutput,
});
