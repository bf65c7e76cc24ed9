import type { Logger } from 'pino';
import { OwnHosts } from '../own-hosts/own-hosts.ts';
import type { Locale, StepId } from '../protocol/index.ts';
import type { CheckSpec, Scenario, Step } from '../scenarios/scenario.ts';
import type { StepToCheck, Verdicts } from '../scenarios/step-to-check.ts';
import type { LabChecks, OpenChecks } from './lab-checks.ts';
import { Lookout } from './lookout.ts';
import type { LabHosts } from './lab.ts';
import { NO_CHECKS } from './no-checks.ts';
import type { SessionEvent, SessionState } from './state.ts';

const CHECK_FAILED: Record<Locale, string> = {
  en: 'The check itself could not be made; this says nothing about your work. Press Check again.',
  'zh-CN': '检查本身未能完成，这与你的操作无关。请再次点击“检查”。',
};

/** Of hosts that are asked something small. */
const ANSWER_LIMIT_MS = 20_000;

export type StepChecksOptions = {
  openChecks: OpenChecks;
  /** As they are now. */
  scenario: () => Scenario;
  state: () => SessionState;
  /** Told what becomes of the checks. */
  apply: (event: SessionEvent) => void;
  /** Ends all of them; what they find after that is nobody's. */
  signal: AbortSignal;
  log: Logger;
};

/** The checks of a session: those that the learner asks for, and the looks that nobody asks for. */
export class StepChecks {
  readonly #options: StepChecksOptions;
  readonly #underWay = new Map<StepId, Promise<void>>();
  readonly #lookout = new Lookout((signal) => this.#look(signal));
  #labChecks: LabChecks | null = null;

  constructor(options: StepChecksOptions) {
    this.#options = options;
  }

  /** Look at a cluster's hosts from now on. */
  open(hosts: LabHosts): void {
    const { openChecks, signal } = this.#options;
    const checks = hosts instanceof OwnHosts ? NO_CHECKS : openChecks(hosts);
    checks.onChange(() => this.touch());
    this.#labChecks = checks;
    signal.addEventListener('abort', () => {
      checks[Symbol.dispose]();
      // A session that is over is kept to be read, and its hosts' events are not.
      this.#labChecks = null;
      this.#lookout[Symbol.dispose]();
    });
    this.touch();
  }

  /** Something has happened that may have changed what no engine tells of. */
  touch(): void {
    // Before there are checks nobody would end the looks.
    if (this.#labChecks !== null) this.#lookout.touch();
  }

  /** Whether the learner waits for some. */
  get busy(): boolean {
    return this.#underWay.size > 0;
  }

  /** See LabChecks; false where that cannot be known. */
  async canFreeze(): Promise<boolean> {
    const { signal, log } = this.#options;
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
      return (await this.#labChecks?.canFreeze(limit)) ?? false;
    } catch (error) {
      if (!signal.aborted) log.debug({ err: error }, 'hosts could not be asked whether they can be frozen');
      return false;
    }
  }

  /** Nobody looks, unasked, until this resolves; a look under way is given up. */
  pauseLooks(until: Promise<void>): void {
    void this.#lookout.hold(() => until);
  }

  /** Make a step's checks; asked again meanwhile, it joins the run under way. */
  async make(step: Step): Promise<void> {
    let run = this.#underWay.get(step.id);
    if (run === undefined) {
      run = this.#lookout.hold(() => this.#make(step)).finally(() => this.#underWay.delete(step.id));
      this.#underWay.set(step.id, run);
    }
    await run;
  }

  async #make(step: Step): Promise<void> {
    const { apply, signal, log } = this.#options;
    apply({ type: 'check-started', step: step.id });
    const onBroken = ({ validator }: CheckSpec, error: unknown): void => {
      if (!signal.aborted) log.error({ err: error, step: step.id, validator }, 'check broke');
    };
    let verdicts: Verdicts;
    try {
      if (this.#labChecks === null) throw new Error('The hosts have no checks.');
      verdicts = await this.#labChecks.check(this.#toCheck(step), signal, onBroken);
    } catch (error) {
      if (!signal.aborted) log.error({ err: error, step: step.id }, 'checks could not be made');
      verdicts = step.checks.map(() => ({ outcome: 'error', reason: CHECK_FAILED }));
    }
    if (!signal.aborted) {
      for (const [index, { validator }] of step.checks.entries()) {
        log.info({ step: step.id, validator, outcome: verdicts[index]?.outcome ?? null }, 'check made');
      }
    }
    apply({ type: 'checked', step: step.id, verdicts });
  }

  /** Look at what is open and has been read without being asked, so that what is done shows at once. */
  async #look(stopped: AbortSignal): Promise<void> {
    const { status, steps } = this.#options.state();
    if (status !== 'ready') return;
    for (const { id, state, openedAt } of steps) {
      const step = this.#options.scenario().steps.find((each) => each.id === id);
      if (step && state === 'open' && openedAt !== null) await this.#lookAt(step, stopped);
    }
  }

  async #lookAt(step: Step, stopped: AbortSignal): Promise<void> {
    const { apply, log, signal: ending } = this.#options;
    const checks = this.#labChecks;
    const signal = AbortSignal.any([stopped, ending]);
    if (checks === null || signal.aborted) return;
    try {
      const onBroken = ({ validator }: CheckSpec, error: unknown): void => {
        if (!signal.aborted) log.debug({ err: error, step: step.id, validator }, 'a look broke');
      };
      const verdicts = await checks.look(this.#toCheck(step), signal, onBroken);
      if (!signal.aborted) apply({ type: 'looked', step: step.id, verdicts });
    } catch (error) {
      if (!signal.aborted) log.debug({ err: error, step: step.id }, 'could not be looked at');
    }
  }

  #toCheck({ id, checks, restsOn }: Step): StepToCheck {
    const foundations = this.#options
      .scenario()
      .steps.flatMap((step, index) =>
        restsOn.includes(step.id) ? [{ number: index + 1, title: step.title, checks: step.checks }] : [],
      );
    return { id, checks, restsOn: foundations };
  }
}
