import type { EngineEvent } from '../../validators/kit/index.ts';
import { validators } from '../../validators/index.ts';
import { beforeAbort } from '../engines/before-abort.ts';
import type { Cluster } from '../clusters/cluster.ts';
import type { Verdict } from '../protocol/index.ts';
import type { CheckSpec } from '../scenarios/scenario.ts';
import type { OnBroken, Verdicts } from '../scenarios/step-to-check.ts';
import { brokenCheck, outOfTime } from './broken-check.ts';
import { clusterContext } from './cluster-context.ts';
import type { Answers } from './engine-client.ts';

/** Long enough for a swarm to converge and a round of requests where the hosts' processor is emulated. */
const CHECK_TIMEOUT_MS = 60_000;

export type RunOptions = {
  /** Whether checks wait for what is under way; they do unless told. */
  patient?: boolean;
  /** What has been seen of a host's events, where somebody looks on. */
  events?: ((host: string) => readonly EngineEvent[]) | undefined;
  /** What checks that look once share. */
  answers?: Answers | undefined;
  /** Told what a check broke on. */
  onBroken?: OnBroken | undefined;
  timeoutMs?: number;
};

/**
 * Make checks: first those that only ask, and only if they all hold, those that send something. Those of a kind are made
 * at the same time, as each waits for the cluster far more than it works. Never rejects: a check that cannot be made, for
 * whatever reason, has the verdict `error`.
 */
export async function runChecks(
  checks: readonly CheckSpec[],
  cluster: Cluster,
  signal: AbortSignal,
  options: RunOptions = {},
): Promise<Verdicts> {
  const asked = await runSome(checks, isPassive, cluster, signal, options);
  if (asked.some(isMissed)) return asked;
  const sent = await runSome(checks, isActive, cluster, signal, options);
  return checks.map((_, index) => asked[index] ?? sent[index] ?? null);
}

/** Whether a check sends something; see CheckDefinition. */
export const isActive = ({ validator }: CheckSpec): boolean => validators.get(validator)?.active ?? false;

export const isPassive = (check: CheckSpec): boolean => !isActive(check);

/** Whether a check was made and does not hold. */
export const isMissed = (verdict: Verdict | null): boolean => verdict !== null && verdict.outcome !== 'pass';

/** As `runChecks`, of those alone that are wanted. */
export function runSome(
  checks: readonly CheckSpec[],
  isWanted: (check: CheckSpec) => boolean,
  cluster: Cluster,
  signal: AbortSignal,
  options: RunOptions,
): Promise<Verdicts> {
  return Promise.all(
    checks.map(async (check) => (isWanted(check) ? runCheck(check, cluster, signal, options) : null)),
  );
}

async function runCheck(
  check: CheckSpec,
  cluster: Cluster,
  ended: AbortSignal,
  { patient = true, events, answers, onBroken, timeoutMs = CHECK_TIMEOUT_MS }: RunOptions,
): Promise<Verdict> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([ended, timeout]);
  try {
    const validator = validators.get(check.validator);
    if (!validator) throw new Error(`There is no validator named ${check.validator}.`);
    await using context = clusterContext({
      cluster,
      signal,
      patient,
      events,
      files: check.files,
      answers: patient ? undefined : answers,
    });
    // Holds for a validator that forgets the signal too.
    return await beforeAbort(signal, validator.run(context, check.params));
  } catch (error) {
    onBroken?.(check, error);
    return timeout.aborted ? outOfTime(timeoutMs) : brokenCheck(error);
  }
}
