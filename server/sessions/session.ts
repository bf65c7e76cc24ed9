import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Cluster } from '../clusters/cluster.ts';
import type { BlockId, SessionView, StepContent, StepId, TerminalId } from '../protocol/index.ts';
import type { Page, RenderedPage, Scenario, Step } from '../scenarios/scenario.ts';
import { clusterVariables } from '../scenarios/variables.ts';
import type { Terminal } from '../terminals/terminal.ts';
import { EngineEndedError } from './engine-gate.ts';
import { LabError } from './errors.ts';
import { ENGINE_ENDED, hostLost, HOSTS_GONE, provisionFailure } from './failures.ts';
import { findLab, makeLab, type LabSource } from './find-lab.ts';
import type { Lab, LabOptions } from './lab.ts';
import type { OpenChecks } from './lab-checks.ts';
import { revisedScenario } from './revised-scenario.ts';
import { initialState, restoredState, transition, type SessionEvent, type SessionState } from './state.ts';
import { StepChecks } from './step-checks.ts';
import type { SessionStore, StoredSession } from './store.ts';

export type SessionDependencies = LabSource & {
  /** Removes a cluster that could not be adopted, by its id. */
  remove: (cluster: string) => Promise<void>;
  openChecks: OpenChecks;
  store: SessionStore;
  log: Logger;
};

export type SessionOptions = {
  owner: string;
  scenario: Scenario;
  dependencies: SessionDependencies;
  /** Told of every change after the first state. */
  onChange: (view: SessionView) => void;
  /** Told once, when it begins to remove what it has made; never rejects. */
  onClosing: (closed: Promise<void>) => void;
  /** What an earlier start of the server has kept of it. */
  stored?: StoredSession;
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
  readonly #dependencies: SessionDependencies;
  readonly #onChange: (view: SessionView) => void;
  readonly #onClosing: (closed: Promise<void>) => void;
  readonly #log: Logger;
  readonly #began = performance.now();
  readonly #ending = new AbortController();
  readonly #provisioned: Promise<void>;
  readonly #checks: StepChecks;
  #scenario: Scenario;
  #state: SessionState;
  #lab: Lab | null = null;
  /** Known once the hosts run, and for as long as the session can be read. */
  #variables: Readonly<Record<string, string>> | null = null;
  #closed: Promise<void> | null = null;
  #engineEnded = false;
  #left = false;
  /** Its record is of what is still looked for: it is not written over. */
  #adopting = false;

  constructor({ owner, scenario, dependencies, onChange, onClosing, stored }: SessionOptions) {
    this.owner = owner;
    this.#scenario = scenario;
    this.#dependencies = dependencies;
    this.#onChange = onChange;
    this.#onClosing = onClosing;
    this.since = stored?.since ?? new Date().toISOString();
    this.#state = stored ? restoredState(scenario, stored.view) : initialState(scenario, randomUUID());
    this.#log = dependencies.log.child({ scenario: scenario.slug, run: this.#state.run });
    this.#checks = new StepChecks({
      openChecks: dependencies.openChecks,
      scenario: () => this.#scenario,
      state: () => this.#state,
      apply: (event) => this.#apply(event),
      signal: this.#ending.signal,
      log: this.#log,
    });
    this.#log.info({ hosts: scenario.hosts.length }, stored ? 'session restored' : 'session started');
    if (this.over) this.#provisioned = Promise.resolve();
    else if (stored === undefined || stored.view.status === 'provisioning') {
      this.#save();
      this.#provisioned = this.#provision();
    } else {
      this.#adopting = true;
      this.#provisioned = this.#adopt(stored);
    }
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
    return this.#state;
  }

  /** Whether it is over, so that another may take its place. */
  get over(): boolean {
    return this.#state.status === 'ended' || this.#state.status === 'failed';
  }

  /**
   * An unlocked step's text; while no host has an address yet, one that names some is provisional. Throws
   * step_not_found, step_locked.
   */
  content(step: StepId): StepContent {
    return this.#content(this.#unlocked(step).page);
  }

  /** The text after the last step. Throws step_locked before the lab is finished. */
  finishContent(): StepContent {
    if (this.#state.status !== 'finished') throw new LabError('step_locked');
    return this.#content(this.scenario.finish);
  }

  /**
   * Make an unlocked step's checks; resolves once their verdicts are in `view`, or the session has ended.
   * Asked again meanwhile, it joins the run under way; a passed step is not checked again. Rejects with
   * step_not_found, step_locked, session_not_ready.
   */
  async check(id: StepId): Promise<void> {
    const step = this.#unlocked(id);
    this.#running();
    if (this.#progress(id)?.state === 'passed') return;
    await this.#checks.make(step);
  }

  /**
   * Open the next step, or after the last one finish. Throws step_not_passed, session_not_ready. Once finished
   * it changes nothing.
   */
  next(): void {
    this.#running();
    if (this.#progress(this.#state.current)?.state !== 'passed') throw new LabError('step_not_passed');
    this.#apply({ type: 'advanced' });
    this.#checks.touch();
  }

  /**
   * Type a command block of an unlocked step into its host's terminal. Rejects with step_not_found,
   * step_locked, block_not_found, session_not_ready.
   */
  async typeBlock(step: StepId, id: BlockId): Promise<TerminalId> {
    const { page } = this.#unlocked(step);
    const { terminals } = this.#running();
    const block = this.#render(page).blocks.find((candidate) => candidate.id === id);
    if (block === undefined) throw new LabError('block_not_found');
    const terminal = terminals.get(block.host);
    if (terminal === undefined) throw new Error(`${block.host} has no terminal`);
    if (!(await terminal.type(block.command, block))) {
      this.#running();
      throw new LabError('session_not_ready', {
        en: `The command was not typed: ${block.host} has no shell at the moment. Run it again; if that does not help, end the lab and start it anew.`,
        'zh-CN': `命令没有输入：${block.host} 上目前没有可用的 shell。请重新运行；如果仍然不行，请结束实验并重新开始。`,
      });
    }
    return terminal.id;
  }

  /** A terminal while the hosts run. */
  terminal(id: TerminalId): Terminal | undefined {
    return this.#lab?.terminals.get(id);
  }

  /** Ends it at once; resolves when everything that it made has been removed. Never rejects. */
  end(): Promise<void> {
    this.#apply({ type: 'ended' });
    this.#ending.abort();
    return this.#closeOnce();
  }

  /** The engine has ended, and hosts that were up with it. Hosts that are awaited still come from the next. */
  loseHosts(): void {
    if (this.#lab === null) return;
    this.#apply({ type: 'hosts-lost', reason: ENGINE_ENDED });
    this.#engineEnded = true;
    this.#ending.abort();
    void this.#closeOnce();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  /**
   * Let go of it without ending it: another start of the server finds it in the store. Hosts that were not up yet are
   * removed, and then made anew.
   */
  async leave(): Promise<void> {
    this.#left = true;
    await this.#lab?.leave();
    this.#ending.abort();
    await this.#provisioned;
    // Also of shells that were found again meanwhile.
    await this.#lab?.leave();
  }

  async #provision(): Promise<void> {
    const { signal } = this.#ending;
    try {
      const lab = await makeLab(
        this.scenario,
        this.#dependencies,
        (host, state) => this.#apply({ type: 'host-progressed', host, state }),
        this.#labOptions(),
      );
      this.#begin(lab);
      this.#apply({ type: 'provisioned', terminals: lab.places.map(({ id, host }) => ({ id, host })) });
      void this.#watchHosts(lab.cluster);
    } catch (error) {
      if (signal.aborted) this.#log.debug({ err: error }, 'provisioning stopped');
      else if (!(error instanceof LabError)) this.#log.error({ err: error }, 'provisioning failed');
      this.#apply({ type: 'provision-failed', reason: provisionFailure(error) });
    }
  }

  /**
   * Find the hosts and shells of an earlier start of the server. Where that goes wrong, the session is over and they are
   * removed, unless it was let go of for another start.
   */
  async #adopt(stored: StoredSession): Promise<void> {
    const { signal } = this.#ending;
    const { view, cluster: id } = stored;
    try {
      const lab = await findLab(this.scenario, stored, this.#dependencies, this.#labOptions());
      if (lab === null) return this.#apply({ type: 'provision-failed', reason: HOSTS_GONE });
      this.#lab = lab;
      // Left or ended meanwhile: whoever did that waits for this and takes care of what is there now.
      if (signal.aborted) return;
      this.#begin(lab);
      this.#adopting = false;
      this.#apply({ type: 'adopted', state: view });
      void this.#watchHosts(lab.cluster);
    } catch (error) {
      if (signal.aborted) this.#log.debug({ err: error }, 'no longer looked for its hosts');
      else this.#log.error({ err: error }, 'hosts could not be found again');
      if (this.#left) return;
      if (id !== null) await this.#remove(id);
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
  async #watchHosts(cluster: Cluster): Promise<void> {
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
      onOutput: () => this.#checks.touch(),
    };
  }

  #begin(lab: Lab): void {
    this.#lab = lab;
    this.#variables = clusterVariables(lab.cluster);
    this.#checks.open(lab.cluster);
  }

  #closeOnce(): Promise<void> {
    if (this.#closed === null) {
      this.#closed = this.#close();
      this.#onClosing(this.#closed);
    }
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#provisioned;
    const lab = this.#lab;
    this.#lab = null;
    try {
      await lab?.[Symbol.asyncDispose]();
    } catch (error) {
      // With an engine that has ended, it went.
      const level = this.#engineEnded ? 'debug' : 'error';
      this.#log[level]({ err: error }, 'a cluster could not be removed');
    }
  }

  #apply(event: SessionEvent): void {
    const state = transition(this.#state, event);
    if (state === this.#state || this.#left) return;
    const before = this.#state;
    this.#state = state;
    if (state.status !== before.status) {
      const seconds = Math.round((performance.now() - this.#began) / 100) / 10;
      this.#log.info({ seconds }, `session ${state.status}`);
    }
    this.#save();
    this.#onChange(state);
  }

  /** Where the disk is full the session goes on, and only a restart of the server would not find it. */
  #save(): void {
    if (this.#left || (this.#adopting && !this.over)) return;
    const { store } = this.#dependencies;
    try {
      if (this.over) return store.remove(this.owner, this.scenario.slug);
      store.save({
        owner: this.owner,
        scenario: this.scenario.slug,
        since: this.since,
        view: this.#state,
        cluster: this.#lab?.cluster.id ?? null,
        terminals: this.#lab?.places ?? [],
      });
    } catch (error) {
      this.#log.error({ err: error }, 'session not kept');
    }
  }

  #content(page: Page): StepContent {
    const provisional = this.#variables === null && page.hasVariables;
    const html = provisional ? page.preview() : this.#render(page).html;
    const blocks = page.blocks.map(({ id, host, interrupt }) => ({ id, host, interrupt }));
    return { html, blocks, provisional };
  }

  #render(page: Page): RenderedPage {
    return page.render(this.#variables ?? {});
  }

  #progress(id: StepId): SessionView['steps'][number] | undefined {
    return this.#state.steps.find((step) => step.id === id);
  }

  #unlocked(id: StepId): Step {
    const step = this.scenario.steps.find((candidate) => candidate.id === id);
    if (step === undefined) throw new LabError('step_not_found');
    if (this.#progress(id)?.state === 'locked') throw new LabError('step_locked');
    return step;
  }

  #running(): Lab {
    if (this.#lab === null || this.over) throw new LabError('session_not_ready');
    return this.#lab;
  }
}
