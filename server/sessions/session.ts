import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Cluster, Host, ProvisionCluster } from '../clusters/cluster.ts';
import type {
  BlockId,
  Locale,
  SessionView,
  StepContent,
  StepId,
  TerminalId,
  Verdict,
} from '../protocol/index.ts';
import type { CheckSpec, Page, RenderedPage, Scenario, Step } from '../scenarios/scenario.ts';
import { Terminal } from '../terminals/terminal.ts';
import { LabError } from './errors.ts';
import { initialState, transition, type SessionEvent, type SessionState } from './state.ts';
import { clusterVariables } from './variables.ts';

/**
 * Makes a step's checks on a cluster: one verdict for each, in order. May stop early once `signal` aborts. Of one
 * that cannot be made, `onBroken` is told the cause.
 */
export type RunChecks = (
  checks: readonly CheckSpec[],
  cluster: Cluster,
  signal: AbortSignal,
  onBroken: (check: CheckSpec, error: unknown) => void,
) => Promise<readonly Verdict[]>;

export type SessionDependencies = { provision: ProvisionCluster; runChecks: RunChecks; log: Logger };

type Lab = {
  cluster: Cluster;
  terminals: ReadonlyMap<TerminalId, Terminal>;
  owned: AsyncDisposableStack;
};

const PROVISION_FAILED: Record<Locale, string> = {
  en: 'The hosts of this lab could not be started. Start the lab again; if that fails too, the server’s log has the cause.',
  'zh-CN': '这个实验的主机无法启动。请重新开始实验；如果仍然失败，请查看服务器日志了解原因。',
};

const CHECK_FAILED: Record<Locale, string> = {
  en: 'The check itself could not be made; this says nothing about your work. Press Check again.',
  'zh-CN': '检查本身未能完成，这与你的操作无关。请再次点击“检查”。',
};

/**
 * One learner's run of one scenario: its progress, cluster and terminals. Decides what is unlocked. Provisioning
 * begins at once; `onChange` is told of every later change. Disposing it removes everything that it made.
 */
export class Session implements AsyncDisposable {
  readonly scenario: Scenario;
  /** When it was started, in ISO 8601. */
  readonly since = new Date().toISOString();
  readonly #dependencies: SessionDependencies;
  readonly #onChange: (view: SessionView) => void;
  readonly #log: Logger;
  readonly #startedAt = performance.now();
  readonly #ending = new AbortController();
  readonly #provisioned: Promise<void>;
  readonly #checks = new Map<StepId, Promise<void>>();
  #state: SessionState;
  #lab: Lab | null = null;
  /** Known once the hosts run, and for as long as the session can be read. */
  #variables: Readonly<Record<string, string>> | null = null;
  #closed: Promise<void> | null = null;

  constructor(scenario: Scenario, dependencies: SessionDependencies, onChange: (view: SessionView) => void) {
    this.scenario = scenario;
    this.#dependencies = dependencies;
    this.#onChange = onChange;
    this.#state = initialState(scenario, randomUUID());
    this.#log = dependencies.log.child({ scenario: scenario.slug, run: this.#state.run });
    this.#log.info({ hosts: scenario.hosts.length }, 'session started');
    this.#provisioned = this.#provision();
  }

  get view(): SessionView {
    return this.#state;
  }

  /** Whether it is over, so that another may take its place. */
  get over(): boolean {
    return this.#state.status === 'ended' || this.#state.status === 'failed';
  }

  /**
   * An unlocked step's text. Throws step_not_found, step_locked and, where it names addresses that no host has
   * yet, session_not_ready.
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
    const { cluster } = this.#running();
    if (this.#progress(id)?.state === 'passed') return;
    let run = this.#checks.get(id);
    if (run === undefined) {
      run = this.#makeChecks(step, cluster).finally(() => this.#checks.delete(id));
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
    return (this.#closed ??= this.#close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #provision(): Promise<void> {
    const { provision } = this.#dependencies;
    const { signal } = this.#ending;
    try {
      await using owned = new AsyncDisposableStack();
      const cluster = owned.use(
        await provision(
          { hosts: this.scenario.hosts },
          (host, state) => this.#apply({ type: 'host-progressed', host, state }),
          signal,
        ),
      );
      // An abort may come too late for the provisioner: then the cluster is removed here.
      if (signal.aborted) return;
      const terminals = await openTerminals(cluster, owned, (host) => this.#openTerminal(host));
      if (signal.aborted) return;
      this.#variables = clusterVariables(cluster);
      this.#lab = { cluster, terminals, owned: owned.move() };
      this.#apply({
        type: 'provisioned',
        terminals: [...terminals.values()].map(({ id, host }) => ({ id, host })),
      });
    } catch (error) {
      if (signal.aborted) this.#log.debug({ err: error }, 'provisioning stopped');
      else this.#log.error({ err: error }, 'provisioning failed');
      this.#apply({ type: 'provision-failed', reason: PROVISION_FAILED });
    }
  }

  #openTerminal(host: Host): Promise<Terminal> {
    const { signal } = this.#ending;
    return Terminal.open({
      id: host.name,
      host: host.name,
      open: (size) => host.openPty(size, signal),
      onError: (error) => {
        if (signal.aborted) return;
        this.#log.error({ err: error, terminal: host.name }, 'shell broke off or could not be opened');
      },
    });
  }

  async #makeChecks(step: Step, cluster: Cluster): Promise<void> {
    const { signal } = this.#ending;
    this.#apply({ type: 'check-started', step: step.id });
    const onBroken = ({ validator }: CheckSpec, error: unknown): void => {
      if (!signal.aborted) this.#log.error({ err: error, step: step.id, validator }, 'check broke');
    };
    let verdicts: readonly Verdict[];
    try {
      verdicts = await this.#dependencies.runChecks(step.checks, cluster, signal, onBroken);
    } catch (error) {
      if (!signal.aborted) this.#log.error({ err: error, step: step.id }, 'checks could not be made');
      verdicts = step.checks.map(() => ({ outcome: 'error', reason: CHECK_FAILED }));
    }
    if (!signal.aborted) {
      for (const [index, { validator }] of step.checks.entries()) {
        this.#log.info({ step: step.id, validator, outcome: verdicts[index]?.outcome }, 'check made');
      }
    }
    this.#apply({ type: 'checked', step: step.id, verdicts });
  }

  async #close(): Promise<void> {
    await this.#provisioned;
    const lab = this.#lab;
    this.#lab = null;
    try {
      await lab?.owned.disposeAsync();
    } catch (error) {
      this.#log.error({ err: error }, 'a cluster could not be removed');
    }
  }

  #apply(event: SessionEvent): void {
    const state = transition(this.#state, event);
    if (state === this.#state) return;
    const before = this.#state;
    this.#state = state;
    if (state.status !== before.status) {
      const seconds = Math.round((performance.now() - this.#startedAt) / 100) / 10;
      this.#log.info({ seconds }, `session ${state.status}`);
    }
    this.#onChange(state);
  }

  #content(page: Page): StepContent {
    const { html, blocks } = this.#render(page);
    return { html, blocks: blocks.map(({ id, host, interrupt }) => ({ id, host, interrupt })) };
  }

  #render(page: Page): RenderedPage {
    // A placeholder would be copied, and run, as if it were an address.
    if (this.#variables === null && page.hasVariables) throw new LabError('session_not_ready');
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

/** A terminal for each host, owned by `owned` as soon as it is open, so that a failing one leaks none. */
async function openTerminals(
  cluster: Cluster,
  owned: AsyncDisposableStack,
  open: (host: Host) => Promise<Terminal>,
): Promise<ReadonlyMap<TerminalId, Terminal>> {
  const opened = await Promise.allSettled(
    [...cluster.hosts.values()].map(async (host) => owned.use(await open(host))),
  );
  const terminals = opened.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
  return new Map(terminals.map((terminal) => [terminal.id, terminal]));
}
