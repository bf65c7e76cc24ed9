import type { Logger } from 'pino';
import type {
  BlockId,
  EndReason,
  HostName,
  SessionView,
  StepContent,
  StepId,
  TerminalId,
} from '../protocol/index.ts';
import { OwnHosts } from '../own-hosts/own-hosts.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { clusterVariables } from '../scenarios/variables.ts';
import type { Terminal } from '../terminals/terminal.ts';
import { beginning, wordOf, type SessionOrigin } from './beginning.ts';
import { EngineEndedError } from './engine-gate.ts';
import { LabError } from './errors.ts';
import { ENGINE_ENDED, hostLost, HOSTS_GONE, provisionFailure } from './failures.ts';
import { findLab, makeLab, type LabSource } from './find-lab.ts';
import { keptCluster } from './kept-clusters.ts';
import type { Lab, LabHosts, LabOptions } from './lab.ts';
import type { OpenChecks } from './lab-checks.ts';
import { LabText } from './lab-text.ts';
import { revisedScenario } from './revised-scenario.ts';
import type { SessionClock } from './session-clock.ts';
import { hasTimeLeft, isOver, transition, type SessionEvent, type SessionState } from './state.ts';
import { StepChecks } from './step-checks.ts';
import type { SessionStore, StoredSession } from './store.ts';
import type { SessionTerms } from './terms.ts';
import { Upkeep } from './upkeep.ts';

/** Ends of which a learner who was away is told, and after which they may go on. */
const UNASKED: ReadonlySet<EndReason> = new Set(['idle', 'away']);

export type SessionDependencies = LabSource & {
  openChecks: OpenChecks;
  store: SessionStore;
  terms: SessionTerms;
  log: Logger;
};

export type SessionOptions = {
  owner: string;
  scenario: Scenario;
  dependencies: SessionDependencies;
  /** Told of every change after the first state. */
  onChange: (view: SessionView) => void;
  /** Told once, when it begins to remove what it has made; never rejects. */
  onClosing: (session: Session, closed: Promise<void>) => void;
  /** Its place in the queue, where the engine has no room for it. */
  place?: number;
  /** Called where that turns out only later; gives its place, or null where nobody may wait any more. */
  onNoRoom: (session: Session) => number | null;
  origin?: SessionOrigin;
};

/**
 * One learner's run of one scenario: its progress, cluster and terminals. Decides what is unlocked. Provisioning
 * begins at once, or its hosts are looked for where it was kept from an earlier start. Everything that it must be
 * found again by is in the store before anybody is told of it. Disposing it removes everything that it made.
 */
export class Session implements AsyncDisposable {
  readonly owner: string;
  /** When it was started, in ISO 8601; a restart of the server does not change it. */
  readonly since: string;
  readonly #options: SessionOptions;
  readonly #dependencies: SessionDependencies;
  readonly #log: Logger;
  readonly #clock: SessionClock;
  readonly #ending = new AbortController();
  readonly #text: LabText;
  readonly #checks: StepChecks;
  readonly #upkeep: Upkeep;
  #provisioned: Promise<void> = Promise.resolve();
  #scenario: Scenario;
  #state: SessionState;
  #lab: Lab | null = null;
  #closed: Promise<void> | null = null;
  #engineEnded = false;
  #left = false;
  #isKept = true;
  /** Its record is of what is still looked for: it is not written over. */
  #adopting = false;

  constructor(options: SessionOptions) {
    const { owner, scenario, dependencies, place, origin } = options;
    this.owner = owner;
    this.#scenario = scenario;
    this.#options = options;
    this.#dependencies = dependencies;
    const { state, clock, since } = beginning(scenario, origin);
    this.since = since;
    this.#clock = clock;
    this.#state = place === undefined ? state : transition(state, { type: 'no-room', place }, clock.now);
    this.#log = dependencies.log.child({ scenario: scenario.slug, run: this.#state.run });
    const shared = {
      state: () => this.#state,
      apply: (event: SessionEvent) => this.#apply(event),
      log: this.#log,
    };
    const current = () => this.#scenario;
    this.#text = new LabText({ scenario: current, state: shared.state });
    this.#checks = new StepChecks({
      ...shared,
      openChecks: dependencies.openChecks,
      scenario: current,
      signal: this.#ending.signal,
    });
    this.#upkeep = new Upkeep({
      ...shared,
      terms: dependencies.terms,
      clock,
      end: (why) => void this.end(why),
      busy: () => this.#checks.busy,
      canFreeze: () => this.#checks.canFreeze(),
      pauseLooks: (until) => this.#checks.pauseLooks(until),
    });
    if (this.over) return;
    this.#log.info({ hosts: scenario.hosts.length }, `session ${wordOf(origin)}`);
    const stored = origin?.type === 'stored' ? origin.stored : null;
    if (stored !== null && 'terminals' in stored.state) {
      this.#adopting = true;
      this.#provisioned = this.#adopt(stored);
      return;
    }
    this.#save();
    const before = origin?.type === 'reset' ? origin.before.giveWay() : undefined;
    if (this.#state.status === 'queued') this.#upkeep.reconsider();
    else this.#provisioned = this.#provision(before);
  }

  /** As it is for this session; see `revise`. */
  get scenario(): Scenario {
    return this.#scenario;
  }

  /** Its author has changed the scenario: what is read and checked from now on is as that says, where it can be. */
  revise(next: Scenario): void {
    this.#scenario = revisedScenario(this.#scenario, next);
  }

  get view(): SessionView {
    const { now } = this.#clock;
    const state = this.#state;
    const { awayAfter } = this.#dependencies.terms;
    return state.status === 'queued' ? { ...state, now, awayAfter } : { ...state, now };
  }

  /** Whether it is over, so that another may take its place. */
  get over(): boolean {
    return isOver(this.#state);
  }

  /** Whether the store has it as it is now. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** Whether its hosts are on the engine. */
  get takesPlace(): boolean {
    return this.scenario.ownHosts === null;
  }

  /** How long it has gone on. */
  get clock(): SessionClock {
    return this.#clock;
  }

  /** So many pages look at it. */
  set viewers(viewers: number) {
    this.#upkeep.viewers = viewers;
  }

  /**
   * An unlocked step's text; while no host has an address yet, one that names some is provisional. Throws
   * step_not_found, step_locked.
   */
  content(step: StepId): StepContent {
    const { page } = this.#text.unlocked(step);
    this.#apply({ type: 'read', step });
    return this.#text.content(page);
  }

  /** The text after the last step. Throws step_locked before the lab is finished, or is over with every step passed. */
  finishContent(): StepContent {
    return this.#text.finish();
  }

  /**
   * Make an unlocked step's checks; resolves once their verdicts are in `view`, or the session has ended.
   * Asked again meanwhile, it joins the run under way; a passed step is not checked again. Rejects with
   * step_not_found, step_locked, session_not_ready.
   */
  async check(id: StepId): Promise<void> {
    const step = this.#text.unlocked(id);
    this.#running();
    if (this.#state.steps.some((each) => each.id === id && each.state === 'passed')) return;
    if (this.#isFrozen) await this.#upkeep.awake();
    await this.#checks.make(step);
  }

  /**
   * Open the next step, or after the last one finish. Throws step_not_passed, session_not_ready. Once finished
   * it changes nothing.
   */
  next(): void {
    this.#running();
    const before = this.#state;
    this.#apply({ type: 'advanced' });
    if (this.#state === before && before.status !== 'finished') throw new LabError('step_not_passed');
    this.#checks.touch();
  }

  /**
   * Type a command block of an unlocked step into its host's terminal. Rejects with step_not_found,
   * step_locked, block_not_found, session_not_ready.
   */
  async typeBlock(step: StepId, id: BlockId): Promise<TerminalId> {
    const { page } = this.#text.unlocked(step);
    const { terminals } = this.#running();
    const block = this.#text.block(page, id);
    const terminal = terminals.get(block.host);
    if (terminal === undefined) throw new Error(`${block.host} has no terminal`);
    if (this.#isFrozen) await this.#upkeep.awake();
    if (!(await terminal.type(block.command, block))) {
      this.#running();
      throw new LabError('session_not_ready', {
        en: `The command was not typed: ${block.host} has no shell at the moment. Run it again; if that does not help, end the lab and start it anew.`,
        'zh-CN': `命令没有输入：${block.host} 上目前没有可用的 shell。请重新运行；如果仍然不行，请结束实验并重新开始。`,
      });
    }
    return terminal.id;
  }

  /** Open another terminal on a host. Rejects with session_not_ready, bad_request, terminals_exhausted. */
  async openTerminal(host: HostName): Promise<TerminalId> {
    const lab = this.#running();
    if (this.#isFrozen) await this.#upkeep.awake();
    const id = await lab.openTerminal(host);
    this.#apply({ type: 'terminals-changed', terminals: lab.list });
    return id;
  }

  /** Close a terminal that was opened so. Rejects with session_not_ready; of others it does nothing. */
  async closeTerminal(id: TerminalId): Promise<void> {
    const lab = this.#running();
    const closed = lab.closeTerminal(id);
    this.#apply({ type: 'terminals-changed', terminals: lab.list });
    await closed;
  }

  /** A terminal while the hosts run. */
  terminal(id: TerminalId): Terminal | undefined {
    return this.#lab?.terminals.get(id);
  }

  /** Put the end of its time off. Throws session_not_ready, no_extension. */
  extend(): void {
    this.#running();
    const before = this.#state;
    this.#apply({ type: 'extended' });
    if (this.#state === before) throw new LabError('no_extension');
  }

  /** Whether fresh hosts may be made for it: it runs, or ran and still has time. */
  get canReset(): boolean {
    const { status, time } = this.#state;
    if (status === 'ready' || status === 'finished') return true;
    return (
      hasTimeLeft(time, this.#clock.now) &&
      (status === 'failed' || (status === 'ended' && UNASKED.has(this.#state.why)))
    );
  }

  /** There is a place for it on the engine. */
  admit(): void {
    if (this.#left) return;
    this.#apply({ type: 'admitted', hosts: this.scenario.hosts });
    if (this.#state.status === 'provisioning') this.#provisioned = this.#provision();
  }

  moveUp(place: number): void {
    this.#apply({ type: 'moved-up', place });
  }

  /** The engine that it waited for cannot run it. */
  refuse(error: LabError): void {
    this.#apply({ type: 'provision-failed', reason: provisionFailure(error) });
  }

  /** Ends it at once; resolves when everything that it made has been removed. Never rejects. */
  end(why: EndReason): Promise<void> {
    this.#apply({
      type: 'ended',
      why: this.#state.status === 'queued' && why === 'asked' ? 'left-queue' : why,
    });
    this.#ending.abort();
    return this.#closeOnce();
  }

  /** Another takes its place, its record included: it ends without a word. Resolves when all of it has been removed. */
  giveWay(): Promise<void> {
    this.#left = true;
    this.#ending.abort();
    return this.#closeOnce();
  }

  /** The engine has ended, and hosts that were up with it. Hosts that are awaited still come from the next. */
  loseHosts(): void {
    if (this.#lab === null || !this.takesPlace) return;
    this.#apply({ type: 'hosts-lost', reason: ENGINE_ENDED });
    this.#engineEnded = true;
    this.#ending.abort();
    void this.#closeOnce();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('operator');
  }

  /**
   * Let go of it without ending it: another start of the server finds it in the store. Hosts that were not up yet are
   * removed, and then made anew.
   */
  async leave(): Promise<void> {
    // The disk may have had no room for its last change, and have some now.
    if (!this.#isKept) this.#save();
    this.#left = true;
    this.#upkeep[Symbol.dispose]();
    await this.#lab?.leave();
    this.#ending.abort();
    await this.#provisioned;
    // Also of shells that were found again meanwhile.
    await this.#lab?.leave();
  }

  /** @param before what has to be removed first */
  async #provision(before?: Promise<void>): Promise<void> {
    const { signal } = this.#ending;
    try {
      // At once where there is nothing to wait for.
      if (before) await before;
      const lab = await makeLab(
        this.scenario,
        this.#dependencies,
        (host, state) => this.#apply({ type: 'host-progressed', host, state }),
        this.#labOptions(),
      );
      this.#begin(lab);
      this.#apply({ type: 'provisioned', terminals: lab.list, limit: this.#limit });
      this.#upkeep.begin(lab.cluster);
      void this.#watchHosts(lab.cluster);
    } catch (error) {
      if (!signal.aborted && error instanceof LabError && error.code === 'capacity_exhausted') {
        const place = this.#options.onNoRoom(this);
        if (place !== null) return this.#apply({ type: 'no-room', place });
      }
      if (signal.aborted) this.#log.debug({ err: error }, 'provisioning stopped');
      else if (!(error instanceof LabError)) this.#log.error({ err: error }, 'provisioning failed');
      if (this.#lab !== null) await this.#removeLab();
      this.#apply({ type: 'provision-failed', reason: provisionFailure(error) });
    }
  }

  /**
   * Find the hosts and shells of an earlier start of the server. Where that goes wrong, the session is over and they are
   * removed, unless it was let go of for another start.
   */
  async #adopt(stored: StoredSession): Promise<void> {
    const { signal } = this.#ending;
    const { state } = stored;
    const id = keptCluster(stored);
    try {
      const lab = await findLab(this.scenario, stored, this.#dependencies, this.#labOptions());
      if (lab === null) return this.#apply({ type: 'provision-failed', reason: HOSTS_GONE });
      this.#lab = lab;
      // Left or ended meanwhile: whoever did that waits for this and takes care of what is there now.
      if (signal.aborted) return;
      this.#begin(lab);
      this.#adopting = false;
      this.#apply({ type: 'adopted', state });
      this.#upkeep.begin(lab.cluster, 'frozen' in state && state.frozen);
      void this.#watchHosts(lab.cluster);
    } catch (error) {
      if (signal.aborted) this.#log.debug({ err: error }, 'no longer looked for its hosts');
      else this.#log.error({ err: error }, 'hosts could not be found again');
      if (this.#left) return;
      if (this.#lab !== null) await this.#removeLab();
      else if (id !== null) await this.#remove(id);
      const reason = error instanceof EngineEndedError ? ENGINE_ENDED : HOSTS_GONE;
      this.#apply({ type: 'provision-failed', reason });
    }
  }

  async #remove(cluster: string): Promise<void> {
    try {
      await this.#dependencies.remove(cluster);
    } catch (error) {
      this.#log.error({ err: error }, 'a cluster could not be removed');
    }
  }

  /** Without one of its hosts a lab cannot go on, and what is left of it is removed; one that is finished may stay so. */
  async #watchHosts(cluster: LabHosts): Promise<void> {
    const { signal } = this.#ending;
    try {
      const host = await cluster.untilHostLost(signal);
      if (signal.aborted) return;
      this.#log.error({ host }, 'a host has stopped');
      if (this.#state.status === 'finished') return;
      this.#apply({ type: 'hosts-lost', reason: hostLost(host) });
      if (!this.over) return;
      this.#ending.abort();
      await this.#closeOnce();
    } catch (error) {
      if (!signal.aborted) this.#log.error({ err: error }, 'the hosts can no longer be watched');
    }
  }

  #labOptions(): LabOptions {
    const { signal } = this.#ending;
    return {
      signal,
      onError: (error, terminal) => {
        if (signal.aborted) return;
        this.#log.error({ err: error, terminal }, 'shell broke off or could not be reached');
      },
      onShell: () => this.#save(),
      // What was typed may have changed what no engine tells of.
      onOutput: () => {
        this.#checks.touch();
        this.#upkeep.active();
      },
    };
  }

  #begin(lab: Lab): void {
    this.#lab = lab;
    this.#text.fillIn(lab.cluster instanceof OwnHosts ? {} : clusterVariables(lab.cluster));
    this.#checks.open(lab.cluster);
  }

  #closeOnce(): Promise<void> {
    if (this.#closed === null) {
      this.#closed = this.#close();
      this.#options.onClosing(this, this.#closed);
    }
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#upkeep[Symbol.dispose]();
    await this.#provisioned;
    // With an engine that has ended there is nothing to thaw.
    await this.#removeLab(this.#engineEnded ? undefined : () => this.#upkeep.thawForRemoval());
  }

  async #removeLab(prepare?: () => Promise<void>): Promise<void> {
    const lab = this.#lab;
    this.#lab = null;
    await prepare?.();
    try {
      await lab?.[Symbol.asyncDispose]();
    } catch (error) {
      // With an engine that has ended, it went.
      const level = this.#engineEnded ? 'debug' : 'error';
      this.#log[level]({ err: error }, 'a cluster could not be removed');
    }
  }

  #apply(event: SessionEvent): void {
    const state = transition(this.#state, event, this.#clock.now);
    if (state === this.#state || this.#left) return;
    const before = this.#state;
    this.#state = state;
    if (state.status !== before.status) {
      this.#log.info({ seconds: Math.round(this.#clock.now / 100) / 10 }, `session ${state.status}`);
    }
    this.#save();
    this.#options.onChange(this.view);
    if (this.over) this.#upkeep[Symbol.dispose]();
    else if (state.status !== before.status || state.time !== before.time) this.#upkeep.reconsider();
  }

  /** Where the disk is full the session goes on, and only a restart of the server would not find it. */
  #save(): void {
    if (this.#left || (this.#adopting && !this.over)) return;
    const { store } = this.#dependencies;
    try {
      store.save({
        owner: this.owner,
        scenario: this.scenario.slug,
        since: this.since,
        state: this.#state,
        clock: this.#clock.mark,
        cluster: this.over ? null : (this.#lab?.cluster.id ?? null),
        terminals: this.over ? [] : (this.#lab?.places ?? []),
      });
      this.#isKept = true;
    } catch (error) {
      this.#isKept = false;
      this.#log.error({ err: error }, 'session not kept');
    }
  }

  /** How long it may go on: as its author says, else whoever runs the server. */
  get #limit(): SessionTerms['limit'] {
    const { limit } = this.#dependencies.terms;
    const { timeLimit } = this.scenario;
    return limit && timeLimit !== null ? { ...limit, length: timeLimit * 60_000 } : limit;
  }

  get #isFrozen(): boolean {
    return 'frozen' in this.#state && this.#state.frozen;
  }

  #running(): Lab {
    if (this.#lab === null || this.over) throw new LabError('session_not_ready');
    return this.#lab;
  }
}
