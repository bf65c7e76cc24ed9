import type { Verdict as KitVerdict } from '../../validators/kit/index.ts';
import { validators } from '../../validators/index.ts';
import { beforeAbort } from '../engines/before-abort.ts';
import type { Cluster } from '../clusters/cluster.ts';
import type { Verdict } from '../protocol/index.ts';
import type { CheckSpec } from '../scenarios/scenario.ts';
import { clusterContext } from './cluster-context.ts';
import { brokenCheck, outOfTime } from './broken-check.ts';

/** Long enough for a swarm to converge and a round of requests where the hosts' processor is emulated. */
export const CHECK_TIMEOUT_MS = 60_000;

/**
 * A verdict for each check, in their order. They run at the same time: each waits for the cluster far more than
 * it works. Never rejects: a check that cannot be made, for whatever reason, has the verdict `error`, and what it
 * was `onBroken` is told.
 */
export function runChecks(
  checks: readonly CheckSpec[],
  cluster: Cluster,
  signal: AbortSignal,
  onBroken: (check: CheckSpec, error: unknown) => void = () => {},
  timeoutMs: number = CHECK_TIMEOUT_MS,
): Promise<readonly Verdict[]> {
  return Promise.all(
    checks.map((check) => runCheck(check, cluster, signal, (error) => onBroken(check, error), timeoutMs)),
  );
}

async function runCheck(
  { validator: name, params }: CheckSpec,
  cluster: Cluster,
  ended: AbortSignal,
  onBroken: (error: unknown) => void,
  timeoutMs: number,
): Promise<KitVerdict> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([ended, timeout]);
  try {
    const validator = validators.get(name);
    if (!validator) throw new Error(`There is no validator named ${name}.`);
    // Holds for a validator that forgets the signal too.
    return await beforeAbort(signal, validator.run(clusterContext(cluster, signal), params));
  } catch (error) {
    onBroken(error);
    return timeout.aborted ? outOfTime(timeoutMs) : brokenCheck(error);
  }
}
