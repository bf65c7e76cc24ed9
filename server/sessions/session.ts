import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { EngineFullError } from '../clusters/engine-full-error.ts';
import type { AdoptCluster, Cluster } from '../clusters/cluster.ts';
import type {
  BlockId,
  HostName,
  Locale,
  LocalizedText,
  SessionView,
  StepContent,
  StepId,
  TerminalId,
} from '../protocol/index.ts';
import type { Page, RenderedPage, Scenario, Step } from '../scenarios/scenario.ts';
import type { OnBroken, StepToCheck, Verdicts } from '../scenarios/step-to-check.ts';
import type { Terminal } from '../terminals/terminal.ts';
import { EngineEndedError, type ProvisionLab } from './engine-gate.ts';
import { LabError } from './errors.ts';
import { Lab, type LabOptions } from './lab.ts';
import { Lookout } from './lookout.ts';
import { revisedScenario } from './revised-scenario.ts';
import { initialState, restoredState, transition, type SessionEvent, type SessionState } from './state.ts';
import type { SessionStore, StoredSession } from './store.ts';
import { clusterVariables } from '../scenarios/variables.ts';

/** The checks of one lab, for as long as it lives. */
export interface LabChecks extends Disposable {
  /** Make a step's checks, as the learner has asked. May stop early once `signal` aborts. */
  check(step: StepToCheck, signal: AbortSignal, onBroken: OnBroken): Promise<Verdicts>;
  /** Make them without being asked: quickly, and leaving what the learner watches as it is. */
  look(step: StepToCheck, signal: AbortSignal, onBroken: OnBroken): Promise<Verdicts>;
  /** Tell `listener` whenever something happens on the hosts. */
  onChange(listener: () => void): void;
}

export type OpenChecks = (cluster: Cluster) => LabChecks;

export type SessionDependencies = {
  provision: ProvisionLab;
  adopt: AdoptCluster;
  /** Whether the engine that a cluster is on has ended. */
  engineEnded: (cluster: Cluster) => Promise<boolean>;
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

const PROVISION_FAILED: Record<Locale, string> = {
  en: 'The hosts of this lab could not be started. Start the lab again; if that fails too, the server’s log has the cause.',
  'zh-CN': '这个实验的主机无法启动。请重新开始实验；如果仍然失败，请查看服务器日志了解原因。',
};

const ENGINE_FULL: Record<Locale, string> = {
  en: 'The disk that all labs share is full, so the hosts of this one could not be started. End labs that nobody needs, then start this one again.',
  'zh-CN': '所有实验共用的磁盘已满，因此这个实验的主机无法启动。请先结束不再需要的实验，然后重新开始。',
};

const HOSTS_GONE: Record<Locale, string> = {
  en: 'The hosts of this lab were gone when the server was started again. Start the lab again.',
  'zh-CN': '服务器重新启动后，这个实验的主机已经不在了。请重新开始实验。',
};

const ENGINE_ENDED: Record<Locale, string> = {
  en: 'The engine that this lab ran on has ended unexpectedly, and the hosts with it. Start the lab again; it runs on a new engine then.',
  'zh-CN': '运行这个实验的引擎意外终止，主机也随之消失。请重新开始实验，它将在新的引擎上运行。',
};
const hostLost = (host: HostName): Record<Locale, string> => ({
  en: `${host} has stopped, and the lab cannot go on without it. Start the lab again.`,
  'zh-CN': `${host} 已停止运行，实验无法继续。请重新开始实验。`,
});

const CHECK_FAILED: Record<Locale, string> = {
  en: 'The check itself could not be made; this says nothing about your work. Press Check again.',
  'zh-CN': '检查本身未能完成，这与你的操作无关。请再次点击“检查”。',
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
  readonly #checks = new Map<StepId, Promise<void>>();
  readonly #lookout = new Lookout((signal) => this.#look(signal));
  #labChecks: LabChecks | null = null;
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
    let run = this.#checks.get(id);
    if (run === undefined) {
      run = this.#lookout.hold(() => this.#makeChecks(step)).finally(() => this.#checks.delete(id));
      this.#checks.set(id, run);
    }
    await run;
  }

  /**
   * Open the next step, or after the last one finish. Throws step_not_passed, session_not_ready. Once finished
   * it changes nothing.
   */
  next(): void {
    this.#running();
    if (this.#progress(this.#state.current)?.state !== 'passed') throw new LabError('step_not_passed');
    this.#apply({ type: 'advanced' });
    this.#lookout.touch();
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
      const cluster = await this.#dependencies.provision(
        this.scenario,
        (host, state) => this.#apply({ type: 'host-progressed', host, state }),
        signal,
      );
      await using owned = new AsyncDisposableStack();
      const lab = owned.use(await this.#open(cluster));
      // An abort may have come too late for the shells, too.
      if (signal.aborted) return;
      owned.move();
      this.#lab = lab;
      this.#variables = clusterVariables(cluster);
      this.#openChecks(cluster);
      this.#apply({ type: 'provisioned', terminals: lab.places.map(({ id, host }) => ({ id, host })) });
      void this.#watchHosts(cluster);
    } catch (error) {
      if (signal.aborted) this.#log.debug({ err: error }, 'provisioning stopped');
      else if (!(error instanceof LabError)) this.#log.error({ err: error }, 'provisioning failed');
      this.#apply({ type: 'provision-failed', reason: provisionFailure(error) });
    }
  }

  /** Open the shells of a new cluster; an engine that ends meanwhile is the reason why that fails. */
  async #open(cluster: Cluster): Promise<Lab> {
    try {
      return await Lab.open(cluster, this.#labOptions());
    } catch (error) {
      const { engineEnded } = this.#dependencies;
      if (this.#ending.signal.aborted || !(await engineEnded(cluster))) throw error;
      throw new EngineEndedError('The engine ended while shells were opened.', { cause: error });
    }
  }

  /**
   * Find the hosts and shells of an earlier start of the server. Where that goes wrong, the session is over and they are
   * removed, unless it was let go of for another start.
   */
  async #adopt({ view, cluster: id, terminals }: StoredSession): Promise<void> {
    const { signal } = this.#ending;
    try {
      const cluster = id === null ? null : await this.#dependencies.adopt(id, this.scenario.hosts, signal);
      if (cluster === null) return this.#apply({ type: 'provision-failed', reason: HOSTS_GONE });
      this.#lab = await Lab.resume(cluster, terminals, this.#labOptions());
      // Left or ended meanwhile: whoever did that waits for this and takes care of what is there now.
      if (signal.aborted) return;
      this.#variables = clusterVariables(cluster);
      this.#openChecks(cluster);
      this.#adopting = false;
      this.#apply({ type: 'adopted', state: view });
      void this.#watchHosts(cluster);
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
      onOutput: () => this.#lookout.touch(),
    };
  }

  #openChecks(cluster: Cluster): void {
    const checks = this.#dependencies.openChecks(cluster);
    checks.onChange(() => this.#lookout.touch());
    this.#labChecks = checks;
    this.#ending.signal.addEventListener('abort', () => {
      checks[Symbol.dispose]();
      this.#lookout[Symbol.dispose]();
    });
    this.#lookout.touch();
  }

  #toCheck({ id, checks, restsOn }: Step): StepToCheck {
    const foundations = this.scenario.steps.flatMap((step, index) =>
      restsOn.includes(step.id) ? [{ number: index + 1, title: step.title, checks: step.checks }] : [],
    );
    return { id, checks, restsOn: foundations };
  }

  /** Look at the open step without being asked, so that what is done shows at once. */
  async #look(stopped: AbortSignal): Promise<void> {
    const checks = this.#labChecks;
    const step = this.scenario.steps.find(({ id }) => id === this.#state.current);
    if (checks === null || step === undefined || this.#state.status !== 'ready') return;
    if (this.#progress(step.id)?.state !== 'open') return;
    const signal = AbortSignal.any([stopped, this.#ending.signal]);
    try {
      const onBroken: OnBroken = ({ validator }, error) => {
        if (!signal.aborted) this.#log.debug({ err: error, step: step.id, validator }, 'a look broke');
      };
      const verdicts = await checks.look(this.#toCheck(step), signal, onBroken);
      if (!signal.aborted) this.#apply({ type: 'looked', step: step.id, verdicts });
    } catch (error) {
      if (!signal.aborted) this.#log.debug({ err: error, step: step.id }, 'could not be looked at');
    }
  }

  async #makeChecks(step: Step): Promise<void> {
    const { signal } = this.#ending;
    this.#apply({ type: 'check-started', step: step.id });
    const onBroken: OnBroken = ({ validator }, error) => {
      if (!signal.aborted) this.#log.error({ err: error, step: step.id, validator }, 'check broke');
    };
    let verdicts: Verdicts;
    try {
      if (this.#labChecks === null) throw new Error('The hosts have no checks.');
      verdicts = await this.#labChecks.check(this.#toCheck(step), signal, onBroken);
    } catch (error) {
      if (!signal.aborted) this.#log.error({ err: error, step: step.id }, 'checks could not be made');
      verdicts = step.checks.map(() => ({ outcome: 'error', reason: CHECK_FAILED }));
    }
    if (!signal.aborted) {
      for (const [index, { validator }] of step.checks.entries()) {
        this.#log.info({ step: step.id, validator, outcome: verdicts[index]?.outcome ?? null }, 'check made');
      }
    }
    this.#apply({ type: 'checked', step: step.id, verdicts });
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

/** Why there are no hosts, for the learner. The engine may have refused them in words of its own. */
function provisionFailure(error: unknown): LocalizedText {
  if (error instanceof LabError) return error.toApiError().message;
  if (error instanceof EngineEndedError) return ENGINE_ENDED;
  return error instanceof EngineFullError ? ENGINE_FULL : PROVISION_FAILED;
}
