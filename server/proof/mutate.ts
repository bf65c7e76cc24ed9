import { setTimeout as wait } from 'node:timers/promises';
import type { Cluster } from '../clusters/cluster.ts';
import type { HostCommand, Mutation, Step } from '../scenarios/scenario.ts';
import { isPassed, secondsSince, type Rehearsal } from './rehearsal.ts';
import type { CheckResult, MutationResult } from './proof.ts';

/** Long enough for a swarm to notice that a node or a container has gone, and to make up for it. */
const SETTLE_LIMIT_MS = 120_000;
const LOOK_AGAIN_MS = 500;
/** What a command said at last. */
const SHOWN = 500;
/** Said of a change to a service of which the swarm itself has just changed what it says; nothing was done. */
const OUT_OF_SEQUENCE = 'update out of sequence';

export type MutateOptions = {
  cluster: Cluster;
  rehearsal: Rehearsal;
  signal: AbortSignal;
  settleLimitMs?: number;
};

/**
 * Bring a step that is passed into a wrong state and out of it again: the check that the mutation names must turn red for
 * the reason that it names, and once all is undone every check must hold again.
 */
export async function mutate(
  step: Step,
  { name, run, undo, fails, because }: Mutation,
  { cluster, rehearsal, signal, settleLimitMs = SETTLE_LIMIT_MS }: MutateOptions,
): Promise<MutationResult> {
  const began = performance.now();
  const isRed = ({ validator, verdict }: CheckResult) =>
    validator === fails && verdict.outcome === 'fail' && (verdict.reason.en ?? '').includes(because);
  const until = async (isSo: (results: readonly CheckResult[]) => boolean, patient: boolean) => {
    const deadline = performance.now() + settleLimitMs;
    for (;;) {
      const results = await rehearsal.check(step.checks, { patient });
      if (isSo(results) || performance.now() > deadline) return results;
      await wait(LOOK_AGAIN_MS, undefined, { signal });
    }
  };
  const spoilt = await runAll(run, cluster, signal);
  const wrong = spoilt === undefined ? await until((results) => results.some(isRed), false) : [];
  const mended = await runAll(undo, cluster, signal);
  const undone = await until((results) => isPassed(step.checks, results), true);
  const problem = spoilt ?? mended;
  return {
    step: step.id,
    name,
    check: fails,
    because,
    wrong,
    undone,
    ...(problem !== undefined && { problem }),
    seconds: secondsSince(began),
    holds: problem === undefined && wrong.some(isRed) && isPassed(step.checks, undone),
  };
}

/** Run commands as root, one after another; what went wrong with the first that did not end well. */
async function runAll(
  commands: readonly HostCommand[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const { host, command } of commands) {
    const late = AbortSignal.timeout(SETTLE_LIMIT_MS);
    const limit = AbortSignal.any([signal, late]);
    try {
      for (;;) {
        const result = await cluster.hosts.get(host)?.exec(['bash', '-lc', command], { signal: limit });
        if (result?.exitCode === 0) break;
        const said = `${result?.stdout ?? ''}${result?.stderr ?? ''}`.trim().slice(-SHOWN);
        if (!said.includes(OUT_OF_SEQUENCE)) {
          return `On ${host}, “${command}” ended with code ${result?.exitCode}: ${said}`;
        }
        await wait(LOOK_AGAIN_MS, undefined, { signal: limit });
      }
    } catch (error) {
      signal.throwIfAborted();
      const reason = late.aborted ? `had not ended after ${SETTLE_LIMIT_MS / 1000} seconds` : String(error);
      return `On ${host}, “${command}” ${reason}.`;
    }
  }
  return undefined;
}
