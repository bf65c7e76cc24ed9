import type { Cluster, ProvisionCluster } from '../clusters/cluster.ts';
import type { Scenario, Step } from '../scenarios/scenario.ts';
import { mutate } from './mutate.ts';
import type { MutationResult, Proof, StepResult } from './proof.ts';
import { isPassed, Rehearsal, secondsSince, type RehearsalOptions } from './rehearsal.ts';

export type ProveOptions = RehearsalOptions & {
  provision: ProvisionCluster;
  /** Whether the wrong states that the scenario lists are tried. */
  mutations: boolean;
  /** Whether each step is proven on a cluster of its own as well. */
  eachStep: boolean;
  /** Told what has been found of a step or a mutation, as soon as it has been. */
  onResult?: (result: StepResult | MutationResult, where: 'on the way' | 'alone') => void;
};

/**
 * Prove a scenario on real clusters: for each step, its checks fail, its own commands run, its checks pass. Ends at the
 * first step that does not hold, and at a wrong state that cannot be undone, as what comes after begins where that ends.
 */
export async function prove(scenario: Scenario, options: ProveOptions): Promise<Omit<Proof, 'engine'>> {
  const began = performance.now();
  const mutations: MutationResult[] = [];
  const steps = await onCluster(scenario, options, async (rehearsal, cluster) => {
    const results: StepResult[] = [];
    for (const step of scenario.steps) {
      options.onProgress?.(`Step ${step.id}`);
      const result = await rehearsal.prove(step);
      results.push(result);
      options.onResult?.(result, 'on the way');
      if (!result.holds) break;
      for (const mutation of options.mutations ? step.mutations : []) {
        options.onProgress?.(`Wrong: ${mutation.name}`);
        const tried = await mutate(step, mutation, { ...options, cluster, rehearsal });
        mutations.push(tried);
        options.onResult?.(tried, 'on the way');
        // What comes after it would be tried on what it has left.
        if (!isPassed(step.checks, tried.undone)) return results;
      }
    }
    return results;
  });
  const eachStep: StepResult[] = [];
  // The first step of all begins on a cluster of its own.
  const others = options.eachStep && steps.length === scenario.steps.length ? scenario.steps.slice(1) : [];
  for (const step of others) {
    const result = await proveAlone(scenario, step, options);
    eachStep.push(result);
    options.onResult?.(result, 'alone');
  }
  return {
    scenario: scenario.slug,
    steps,
    mutations,
    eachStep,
    seconds: secondsSince(began),
    holds:
      steps.length === scenario.steps.length &&
      [...steps, ...mutations, ...eachStep].every(({ holds }) => holds),
  };
}

/** One step on a cluster that only the commands of those before it have been run on. */
function proveAlone(scenario: Scenario, step: Step, options: ProveOptions): Promise<StepResult> {
  return onCluster(scenario, options, async (rehearsal) => {
    options.onProgress?.(`Step ${step.id}, on a cluster of its own`);
    for (const before of scenario.steps.slice(0, scenario.steps.indexOf(step))) {
      const commands = await rehearsal.run(before);
      if (commands.every(({ problem }) => problem === undefined)) continue;
      return { id: step.id, title: step.id, before: [], commands, after: [], seconds: 0, holds: false };
    }
    return rehearsal.prove(step);
  });
}

async function onCluster<T>(
  { hosts }: Scenario,
  options: ProveOptions,
  use: (rehearsal: Rehearsal, cluster: Cluster) => Promise<T>,
): Promise<T> {
  options.onProgress?.(`Start ${hosts.join(', ')}`);
  await using cluster = await options.provision({ hosts }, () => undefined, options.signal);
  await using rehearsal = new Rehearsal(cluster, options);
  return await use(rehearsal, cluster);
}
