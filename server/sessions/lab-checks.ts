import type { Cluster } from '../clusters/cluster.ts';
import type { OnBroken, StepToCheck, Verdicts } from '../scenarios/step-to-check.ts';

/** The checks of one lab, for as long as it lives. */
export interface LabChecks extends Disposable {
  /** Make a step's checks, as the learner has asked. May stop early once `signal` aborts. */
  check(step: StepToCheck, signal: AbortSignal, onBroken: OnBroken): Promise<Verdicts>;
  /** Make them without being asked: quickly, and leaving what the learner watches as it is. */
  look(step: StepToCheck, signal: AbortSignal, onBroken: OnBroken): Promise<Verdicts>;
  /**
   * Whether nothing on the hosts is the worse for their being frozen for a while. A swarm is: it takes nodes that do not
   * answer for dead, and starts elsewhere what they run. Rejects where a host cannot be asked.
   */
  canFreeze(signal: AbortSignal): Promise<boolean>;
  /** Tell `listener` whenever something happens on the hosts. */
  onChange(listener: () => void): void;
}

export type OpenChecks = (cluster: Cluster) => LabChecks;
