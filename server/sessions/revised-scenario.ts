import { isDeepStrictEqual } from 'node:util';
import type { Scenario } from '../scenarios/scenario.ts';

/**
 * The scenario of a session that runs, after its author has changed it: its texts, its titles and what it checks are the
 * new ones, step by step by their ids. What the session's progress is made of stays: which steps there are, and how many
 * checks each has. With other hosts nothing can be taken over.
 */
export function revisedScenario(running: Scenario, next: Scenario): Scenario {
  if (running.hosts.join() !== next.hosts.join() || !isDeepStrictEqual(running.ownHosts, next.ownHosts))
    return running;
  const steps = running.steps.map((step) => {
    const other = next.steps.find(({ id }) => id === step.id);
    if (other === undefined) return step;
    return other.checks.length === step.checks.length ? other : { ...other, checks: step.checks };
  });
  // A step that is no longer there still shows its pictures.
  return { ...next, steps, assets: new Map([...running.assets, ...next.assets]) };
}
