import type { Cluster } from '../clusters/cluster.ts';
import type { Verdict } from '../protocol/index.ts';
import type { CheckSpec, Step } from '../scenarios/scenario.ts';

/** An earlier step that another rests on, by the number that the learner knows it by. */
export type Foundation = { number: number } & Pick<Step, 'title' | 'checks'>;

/** What a step asks, and the steps that it rests on. */
export type StepToCheck = Pick<Step, 'id' | 'checks'> & { restsOn: readonly Foundation[] };

/** A verdict for each check of a step, in order; null for one that was not made. */
export type Verdicts = readonly (Verdict | null)[];

/** The checks of one lab, for as long as it lives. */
export interface LabChecks extends Disposable {
  /** Make a step's checks, as the learner has asked. May stop early once `signal` aborts. */
  check(step: StepToCheck, signal: AbortSignal, onBroken: OnBroken): Promise<Verdicts>;
  /** Make them without being asked: quickly, and leaving what the learner watches as it is. */
  look(step: StepToCheck, signal: AbortSignal, onBroken: OnBroken): Promise<Verdicts>;
  /** Tell `listener` whenever something happens on the hosts. */
  onChange(listener: () => void): void;
}

/** Told the cause where a check cannot be made. */
export type OnBroken = (check: CheckSpec, error: unknown) => void;

export type OpenChecks = (cluster: Cluster) => LabChecks;
