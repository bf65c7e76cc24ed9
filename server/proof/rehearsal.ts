import { runChecks } from '../checks/run-checks.ts';
import type { Cluster } from '../clusters/cluster.ts';
import type { Locale, LocalizedText, Verdict } from '../protocol/index.ts';
import type { CheckSpec, CommandBlock, Step } from '../scenarios/scenario.ts';
import { clusterVariables } from '../scenarios/variables.ts';
import { LearnerTerminal } from './learner-terminal.ts';
import type { CheckResult, CommandResult, StepResult } from './proof.ts';

/** Long enough for an image to start in a swarm whose processor is emulated. */
const COMMAND_LIMIT_MS = 240_000;
/** How long a command is watched that is not to end by itself, as the next one on its host interrupts it. */
const GOING_ON_MS = 5_000;
/** What a terminal showed at last, for whoever looks for what went wrong. */
const SHOWN = 2_000;

export type RehearsalOptions = {
  signal: AbortSignal;
  /** The language that checks are told in. */
  locale: Locale;
  onProgress?: ((text: string) => void) | undefined;
  /** Awaited before each command is typed. */
  beforeCommand?: (block: CommandBlock) => Promise<void>;
  /** How long a command may take. */
  commandLimitMs?: number;
};

/** One learner's way through a scenario on a cluster: its steps in their order, with the commands that their texts have. */
export class Rehearsal implements AsyncDisposable {
  readonly #cluster: Cluster;
  readonly #options: RehearsalOptions;
  readonly #terminals = new Map<string, LearnerTerminal>();

  constructor(cluster: Cluster, options: RehearsalOptions) {
    this.#cluster = cluster;
    this.#options = options;
  }

  /** A step's checks, its commands, and its checks again. */
  async prove(step: Step): Promise<StepResult> {
    const began = performance.now();
    const before = await this.#checkOneByOne(step.checks);
    const commands = await this.run(step);
    const after = await this.check(step.checks);
    const holds =
      before.every(({ verdict }) => verdict.outcome === 'fail') &&
      commands.every(({ problem }) => problem === undefined) &&
      isPassed(step.checks, after);
    const title = textIn(step.title, this.#options.locale);
    return { id: step.id, title, before, commands, after, seconds: secondsSince(began), holds };
  }

  /** A step's commands, one after another, each on its host; what comes after one that has gone wrong is not run. */
  async run(step: Step): Promise<CommandResult[]> {
    const { blocks } = step.page.render(clusterVariables(this.#cluster));
    const results: CommandResult[] = [];
    for (const [index, block] of blocks.entries()) {
      this.#options.onProgress?.(`${block.host}: ${block.command}`);
      await this.#options.beforeCommand?.(block);
      const next = blocks.slice(index + 1).find(({ host }) => host === block.host);
      const result = await this.#runBlock(block, next?.interrupt === true);
      results.push(result);
      if (result.problem !== undefined) break;
    }
    return results;
  }

  /** The checks of a step as they are made for a learner who presses Check. */
  async check(checks: readonly CheckSpec[], { patient = true } = {}): Promise<CheckResult[]> {
    const began = performance.now();
    const verdicts = await runChecks(checks, this.#cluster, this.#options.signal, { patient });
    const seconds = secondsSince(began);
    return checks.flatMap((check, index) => this.#result(check, verdicts[index] ?? null, seconds));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // With a cluster that is gone its shells are.
    await Promise.allSettled(
      [...this.#terminals.values()].map((terminal) => terminal[Symbol.asyncDispose]()),
    );
  }

  /** Each check by itself, also those that are made for a learner only when the others hold. */
  async #checkOneByOne(checks: readonly CheckSpec[]): Promise<CheckResult[]> {
    const results: CheckResult[] = [];
    for (const check of checks) results.push(...(await this.check([check], { patient: false })));
    return results;
  }

  async #runBlock(block: CommandBlock, isInterrupted: boolean): Promise<CommandResult> {
    const { commandLimitMs = COMMAND_LIMIT_MS } = this.#options;
    const { id, host, command } = block;
    const began = performance.now();
    const late = AbortSignal.timeout(isInterrupted ? GOING_ON_MS : commandLimitMs);
    const signal = AbortSignal.any([this.#options.signal, late]);
    const result = { block: id, host, command };
    try {
      const terminal = await this.#terminal(host, signal);
      const { exitCode, output } = await terminal.run(block, signal);
      const seconds = secondsSince(began);
      return { ...result, exitCode, output: output.slice(-SHOWN), seconds };
    } catch (error) {
      this.#options.signal.throwIfAborted();
      const seconds = secondsSince(began);
      const problem = late.aborted
        ? `It had not ended after ${commandLimitMs / 1000} seconds: a program goes on, or has read what was meant for the shell.`
        : `Its terminal broke off: ${error instanceof Error ? error.message : String(error)}`;
      const output = this.#terminals.get(host)?.shown.slice(-SHOWN) ?? '';
      if (late.aborted && isInterrupted) return { ...result, exitCode: null, output, seconds };
      return { ...result, exitCode: null, problem, output, seconds };
    }
  }

  async #terminal(name: string, signal: AbortSignal): Promise<LearnerTerminal> {
    const open = this.#terminals.get(name);
    if (open) return open;
    const host = this.#cluster.hosts.get(name);
    if (host === undefined) throw new Error(`The cluster has no ${name}.`);
    const terminal = await LearnerTerminal.open(host, signal);
    this.#terminals.set(name, terminal);
    return terminal;
  }

  #result({ validator, title }: CheckSpec, verdict: Verdict | null, seconds: number): CheckResult[] {
    if (verdict === null) return [];
    return [{ validator, title: textIn(title, this.#options.locale), verdict, seconds }];
  }
}

/** Whether all checks have been made, and all hold. */
export const isPassed = (checks: readonly CheckSpec[], results: readonly CheckResult[]): boolean =>
  results.length === checks.length && results.every(({ verdict }) => verdict.outcome === 'pass');

export const secondsSince = (began: number): number => Math.round(performance.now() - began) / 1000;

export const textIn = (text: LocalizedText, locale: Locale): string =>
  text[locale] ?? text.en ?? Object.values(text)[0] ?? '';
