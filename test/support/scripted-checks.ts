import type { Verdict } from '../../server/protocol/index.ts';
import type { Verdicts } from '../../server/scenarios/step-to-check.ts';
import type { LabChecks, OpenChecks } from '../../server/sessions/lab-checks.ts';
import { Signal } from './signal.ts';

export const notYet = (reason: string): Verdict => ({ outcome: 'fail', reason: { en: reason } });
export const passed: Verdict = { outcome: 'pass' };

/** Checks whose runs a test answers one by one, each by `answer` or `fail` of the run that waits. */
export class ScriptedChecks {
  readonly runs: {
    signal: AbortSignal;
    count: number;
    answer: (verdicts: Verdicts) => void;
    fail: (error: Error) => void;
    /** Tell what the first check broke on; its verdict is still to be answered. */
    breakFirst: (error: Error) => void;
  }[] = [];

  readonly #asked = new Signal();

  /** What is found without being asked; nothing, unless a test says otherwise. */
  onLook: LabChecks['look'] = async ({ checks }) => checks.map(() => null);
  /** Something happens on the hosts of the lab that was opened last. */
  change: () => void = () => undefined;

  /** Set to make it impossible to open them. */
  broken: Error | null = null;

  readonly open: OpenChecks = () => {
    if (this.broken !== null) throw this.broken;
    return {
      check: this.run,
      look: (...asked) => this.onLook(...asked),
      canFreeze: async () => true,
      onChange: (listener) => (this.change = listener),
      [Symbol.dispose]: () => undefined,
    };
  };

  readonly run: LabChecks['check'] = ({ checks }, signal, onBroken) => {
    const { promise, resolve, reject } = Promise.withResolvers<Verdicts>();
    const breakFirst = (error: Error) => checks.slice(0, 1).forEach((check) => onBroken(check, error));
    this.runs.push({ signal, count: checks.length, answer: resolve, fail: reject, breakFirst });
    this.#asked.notify();
    return promise;
  };

  /** Resolves once so many runs have been asked for. */
  untilAsked(count: number): Promise<void> {
    return this.#asked.until(() => this.runs.length >= count);
  }

  get last() {
    const run = this.runs.at(-1);
    if (run === undefined) throw new Error('no checks were asked for');
    return run;
  }
}
