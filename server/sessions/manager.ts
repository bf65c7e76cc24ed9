import type {
  BlockId,
  HostName,
  RunId,
  SessionView,
  Slug,
  StepContent,
  StepId,
  TerminalId,
} from '../protocol/index.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Terminal } from '../terminals/terminal.ts';
import { LabError } from './errors.ts';
import { keptCluster } from './kept-clusters.ts';
import { Session, type SessionDependencies, type SessionOptions } from './session.ts';
import { isOf, isOver } from './state.ts';
import type { StoredSession } from './store.ts';

export type SessionManagerOptions = SessionDependencies & {
  /** What can be started now; sessions that run outlive what is taken out of it. */
  scenarios: ReadonlyMap<Slug, Scenario>;
  /**
   * Throws LabError where the engine cannot run the scenario, or holds no more than so many sessions; those that are
   * still being removed count.
   */
  requireRoom: (sessions: number, scenario: Slug) => void;
  /** Told after each change of how many are open. */
  onOpenChange?: (open: number) => void;
};

/** A session that runs, as its operator sees it. */
export type RunningSession = {
  id: RunId;
  scenario: Slug;
  status: Exclude<SessionView['status'], 'ended' | 'failed'>;
  /** The step that was opened last. */
  step: StepId;
  /** When it was started, in ISO 8601. */
  since: string;
  hosts: HostName[];
  /** Whether the hosts are, as nobody has looked for long. */
  frozen: boolean;
  /** How many listeners it has: one for each page that looks at it. */
  viewers: number;
};

type Listener = (view: SessionView) => void;

/** What is over can be read for so long after its start, unless another takes its place or its scenario has other steps. */
const READABLE_MS = 30 * 24 * 3_600_000;

/**
 * The sessions of all owners, one per owner and scenario; those that the engine has no room for wait in a queue. An owner
 * is an opaque string; nobody reaches another's session. One that is over is forgotten once nobody listens, and found again
 * in the store by whoever asks for it. Methods throw LabError: scenario_not_found, session_not_found or,
 * at the start of one too many, what `requireRoom` throws, and what Session says.
 */
export class SessionManager implements AsyncDisposable {
  readonly #options: SessionManagerOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #listeners = new Map<string, Set<Listener>>();
  /** Those that wait for a place on the engine, first come first. */
  readonly #queue: Session[] = [];
  #admitting = false;
  #leaving = false;
  /** Sessions that are over and still remove what they made, unless another has their place. */
  readonly #closing = new Map<Session, Promise<void>>();
  /** How many `onOpenChange` knows of. */
  #told: number;

  /** Sessions of an earlier start go on, but for those whose scenario is gone or has other steps now: these leave nothing. */
  constructor(options: SessionManagerOptions) {
    this.#options = options;
    const kept = options.store.load();
    for (const stored of kept.toSorted((one, other) => placeOf(one) - placeOf(other))) {
      const scenario = this.#scenarioOf(stored);
      if (scenario === null) {
        options.store.remove(stored.owner, stored.scenario);
        void this.#removeCluster(keptCluster(stored));
        continue;
      }
      if (isOver(stored.state)) continue;
      const session = this.#begin(stored.owner, scenario, { origin: { type: 'stored', stored } });
      if (stored.state.status === 'queued') this.#queue.push(session);
    }
    this.admit();
    this.#told = this.open;
  }

  /** How many sessions on the engine are not over and do not wait for a place. */
  get open(): number {
    return [...this.#sessions.values()].filter(
      ({ over, takesPlace, view }) => takesPlace && !over && view.status !== 'queued',
    ).length;
  }

  /** How many take a place on the engine: those that are open, and those that are still being removed. */
  get places(): number {
    return this.open + [...this.#closing.keys()].filter(({ takesPlace }) => takesPlace).length;
  }

  /** How many are on machines that exist already, of which an end that is under way still closes the shells. */
  get #onOwnHosts(): number {
    const open = [...this.#sessions.values()].filter(({ over }) => !over);
    return [...open, ...this.#closing.keys()].filter(({ takesPlace }) => !takesPlace).length;
  }

  /** How many sessions are in memory. */
  get held(): number {
    return this.#sessions.size;
  }

  /** The session that runs, or a new one where there is none or it is over: a double click gives one lab. */
  start(owner: string, slug: Slug): SessionView {
    const key = keyOf(owner, slug);
    const running = this.#sessions.get(key);
    if (running !== undefined && !running.over) return running.view;
    return this.#enter(owner, this.#scenario(slug), {});
  }

  /**
   * Make fresh hosts for the session, which is another run then, with its time and, where told, its progress. Throws
   * session_not_ready where there is nothing to reset.
   */
  reset(owner: string, slug: Slug, keepProgress: boolean): SessionView {
    const before = this.#session(owner, slug);
    if (!before.canReset) throw new LabError('session_not_ready');
    const origin = { type: 'reset', before, keepProgress } as const;
    const hasPlace = !before.over || this.#closing.has(before);
    if (!hasPlace) return this.#enter(owner, before.scenario, { origin });
    // Its place is its own, also while hosts that it has lost are removed.
    const { view } = this.#begin(owner, before.scenario, { origin });
    this.#tell(keyOf(owner, slug), view);
    return view;
  }

  extend(owner: string, slug: Slug): SessionView {
    const session = this.#session(owner, slug);
    session.extend();
    return session.view;
  }

  /** Let those in who wait, as far as there is room: to be called when there may be more of it. */
  admit(): void {
    if (this.#admitting || this.#leaving) return;
    this.#admitting = true;
    try {
      for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
        try {
          this.#options.requireRoom(this.places, next.scenario.slug);
        } catch (error) {
          if (!(error instanceof LabError)) throw error;
          // With an engine that has failed they wait for the next start of the server.
          if (error.code === 'capacity_exhausted' || error.code === 'engine_failed') break;
          this.#queue.shift();
          next.refuse(error);
          continue;
        }
        this.#queue.shift();
        next.admit();
      }
      for (const [index, session] of this.#queue.entries()) session.moveUp(index + 1);
    } finally {
      this.#admitting = false;
    }
  }

  /** The owner's session, also one that is over; null before the first start. */
  get(owner: string, slug: Slug): SessionView | null {
    const session = this.#find(owner, slug);
    if (session === null) this.#scenario(slug);
    return session?.view ?? null;
  }

  /** Throws run_outdated where the owner has another run than this one, or none. */
  requireRun(owner: string, slug: Slug, run: RunId): void {
    if (this.get(owner, slug)?.run !== run) throw new LabError('run_outdated');
  }

  /** The scenario as the owner has it: that of the session that runs, which may be another than who starts one now gets. */
  scenario(owner: string, slug: Slug): Scenario {
    const session = this.#sessions.get(keyOf(owner, slug));
    return session !== undefined && !session.over ? session.scenario : this.#scenario(slug);
  }

  /** Its author has changed a scenario: sessions of it go on with what is new, where they can. */
  revise(scenario: Scenario): void {
    for (const session of this.#sessions.values()) {
      if (session.scenario.slug === scenario.slug) session.revise(scenario);
    }
  }

  /** Ends the session at once; its cluster is removed in the background. */
  end(owner: string, slug: Slug): SessionView {
    const session = this.#session(owner, slug);
    void session.end('asked');
    return session.view;
  }

  /** All that run, of all owners, for whoever operates the server; it says nothing of the owners. */
  list(): RunningSession[] {
    return [...this.#sessions].flatMap(([key, { view, scenario, since }]) => {
      if (isOver(view)) return [];
      const { run: id, status, current: step } = view;
      const viewers = this.#listeners.get(key)?.size ?? 0;
      const frozen = 'frozen' in view && view.frozen;
      return {
        id,
        scenario: scenario.slug,
        status,
        step,
        since,
        hosts: [...scenario.hosts],
        frozen,
        viewers,
      };
    });
  }

  /** Ends the session of a run, whoever's; resolves once all of it has been removed, with false where none runs. */
  async endRun(id: RunId): Promise<boolean> {
    const session = [...this.#sessions.values()].find(({ view, over }) => view.run === id && !over);
    if (session === undefined) return false;
    await session.end('operator');
    return true;
  }

  async check(owner: string, slug: Slug, step: StepId): Promise<SessionView> {
    const session = this.#session(owner, slug);
    await session.check(step);
    return session.view;
  }

  next(owner: string, slug: Slug): SessionView {
    const session = this.#session(owner, slug);
    session.next();
    return session.view;
  }

  content(owner: string, slug: Slug, step: StepId): StepContent {
    return this.#session(owner, slug).content(step);
  }

  finishContent(owner: string, slug: Slug): StepContent {
    return this.#session(owner, slug).finishContent();
  }

  async typeBlock(owner: string, slug: Slug, step: StepId, block: BlockId): Promise<TerminalId> {
    return this.#session(owner, slug).typeBlock(step, block);
  }

  terminal(owner: string, slug: Slug, id: TerminalId): Terminal | undefined {
    return this.#sessions.get(keyOf(owner, slug))?.terminal(id);
  }

  async openTerminal(owner: string, slug: Slug, host: HostName): Promise<TerminalId> {
    return this.#session(owner, slug).openTerminal(host);
  }

  async closeTerminal(owner: string, slug: Slug, id: TerminalId): Promise<void> {
    await this.#session(owner, slug).closeTerminal(id);
  }

  /** Tells `listener` of every change, also of sessions started later. Returns what ends it. */
  subscribe(owner: string, slug: Slug, listener: Listener): () => void {
    const key = keyOf(owner, slug);
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    const count = () => {
      const session = this.#sessions.get(key);
      if (session !== undefined) session.viewers = listeners.size;
    };
    count();
    return () => {
      listeners.delete(listener);
      count();
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
      this.#forget(key);
    };
  }

  /** The engine has ended: sessions whose hosts were up are over, and those whose are awaited go on with the next. */
  loseHosts(): void {
    for (const session of this.#sessions.values()) session.loseHosts();
  }

  /** Ends every session; resolves when all that they made has been removed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#leaving = true;
    await Promise.all([
      ...[...this.#sessions.values()].map((session) => session.end('operator')),
      ...this.#closing.values(),
    ]);
  }

  /** Lets go of every session without ending it: another start of the server goes on with them. */
  async leave(): Promise<void> {
    this.#leaving = true;
    await Promise.all([
      ...this.#closing.values(),
      ...[...this.#sessions.values()].map((session) => session.leave()),
    ]);
  }

  /** Never rejects: what cannot be removed now is at the next start, as nobody owns it. */
  async #removeCluster(cluster: string | null): Promise<void> {
    try {
      if (cluster !== null) await this.#options.remove(cluster);
    } catch (error) {
      this.#options.log.error({ err: error }, 'a cluster could not be removed');
    }
  }

  /** Begin a session where there is room, and let it wait where there is not yet. */
  #enter(owner: string, scenario: Scenario, options: Pick<SessionOptions, 'origin'>): SessionView {
    const place = this.#placeToWait(scenario);
    const session = this.#begin(owner, scenario, { ...options, ...(place !== null && { place }) });
    if (place !== null) this.#queue.push(session);
    this.#tell(keyOf(owner, scenario.slug), session.view);
    return session.view;
  }

  /** The place in the queue that somebody gets who comes now; null where there is room. */
  #placeToWait(scenario: Scenario): number | null {
    if (scenario.ownHosts !== null) {
      this.#options.ownHosts.require(scenario);
      this.#options.ownHosts.requireRoom(this.#onOwnHosts);
      return null;
    }
    const place = this.#queue.length + 1;
    try {
      this.#options.requireRoom(this.places, scenario.slug);
    } catch (error) {
      const canWait = place <= this.#options.terms.queue;
      if (!canWait || !(error instanceof LabError) || error.code !== 'capacity_exhausted') throw error;
      return place;
    }
    return place === 1 ? null : place;
  }

  #begin(owner: string, scenario: Scenario, options: Pick<SessionOptions, 'origin' | 'place'> = {}): Session {
    const key = keyOf(owner, scenario.slug);
    const session = new Session({
      ...options,
      owner,
      scenario,
      dependencies: this.#options,
      onChange: (view) => {
        if (view.status !== 'queued') this.#leaveQueue(view.run);
        this.#tell(key, view);
      },
      onNoRoom: (late) => (this.#options.terms.queue === 0 ? null : this.#queue.push(late)),
      onClosing: (closing, closed) => {
        this.#closing.set(closing, closed);
        void closed.finally(() => {
          this.#closing.delete(closing);
          this.#forget(key);
          this.admit();
        });
      },
    });
    // It waits for that itself, and has the place meanwhile.
    if (options.origin?.type === 'reset') this.#closing.delete(options.origin.before);
    this.#sessions.set(key, session);
    session.viewers = this.#listeners.get(key)?.size ?? 0;
    return session;
  }

  #leaveQueue(run: RunId): void {
    const index = this.#queue.findIndex(({ view }) => view.run === run);
    if (index === -1) return;
    this.#queue.splice(index, 1);
    this.admit();
  }

  #tell(key: string, view: SessionView): void {
    const { open } = this;
    if (open !== this.#told) {
      this.#told = open;
      this.#options.onOpenChange?.(open);
    }
    for (const listener of this.#listeners.get(key) ?? []) listener(view);
    // Where it has to remove something, it begins only now.
    if (isOver(view)) queueMicrotask(() => this.#forget(key));
    // One that is over without having had hosts frees its place at once; one that waits may have come too late to be told.
    if (isOver(view) || view.status === 'queued') this.admit();
  }

  #scenario(slug: Slug): Scenario {
    const scenario = this.#options.scenarios.get(slug);
    if (scenario === undefined) throw new LabError('scenario_not_found');
    return scenario;
  }

  #session(owner: string, slug: Slug): Session {
    const session = this.#find(owner, slug);
    if (session !== null) return session;
    this.#scenario(slug);
    throw new LabError('session_not_found');
  }

  /** The owner's session, also one that was forgotten; null before the first start. */
  #find(owner: string, slug: Slug): Session | null {
    const key = keyOf(owner, slug);
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const stored = this.#options.store.find(owner, slug);
    const scenario = stored && this.#scenarioOf(stored);
    if (!stored || !scenario || !isOver(stored.state)) return null;
    const session = this.#begin(owner, scenario, { origin: { type: 'stored', stored } });
    // Whoever has asked for it has had what they wanted of it by then.
    queueMicrotask(() => this.#forget(key));
    return session;
  }

  /** The scenario that a session of an earlier start goes on with, or can be read by; null where there is none. */
  #scenarioOf({ scenario: slug, state, since }: StoredSession): Scenario | null {
    const scenario = this.#options.scenarios.get(slug);
    const isOld = isOver(state) && Date.now() - Date.parse(since) > READABLE_MS;
    return scenario === undefined || isOld || !isOf(scenario, state) ? null : scenario;
  }

  /** Keep a session no longer that is over, if it has nothing more to do and nobody listens. */
  #forget(key: string): void {
    const session = this.#sessions.get(key);
    if (session === undefined || !session.over || !session.isKept) return;
    if (this.#closing.has(session) || this.#listeners.has(key)) return;
    this.#sessions.delete(key);
  }
}

const keyOf = (owner: string, slug: Slug): string => JSON.stringify([owner, slug]);

/** Those that have hosts come first, and those that wait in their order. */
const placeOf = ({ state }: StoredSession): number => (state.status === 'queued' ? state.place : 0);
