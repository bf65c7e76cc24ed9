import type { Verdict } from '../../server/protocol/index.ts';
import type { RunChecks } from '../../server/sessions/session.ts';
import { Signal } from './signal.ts';

export const notYet = (reason: string): Verdict => ({ outcome: 'fail', reason: { en: reason } });
export const passed: Verdict = { outcome: 'pass' };

/** A RunChecks whose runs a test answers one by one, each by `answer` or `fail` of the run that waits. */
export class ScriptedChecks {
  readonly runs: {
    signal: AbortSignal;
    count: number;
    answer: (verdicts: readonly Verdict[]) => void;
    fail: (error: Error) => void;
    /** Tell what the first check broke on; its verdict is still to be answered. */
    breakFirst: (error: Error) => void;
  }[] = [];

  readonly #asked = new Signal();

  readonly run: RunChecks = (checks, _cluster, signal, onBroken) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Verdict[]>();
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
