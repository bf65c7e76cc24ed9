import { join } from 'node:path';
import type { Slug } from '../../server/protocol/index.ts';
import { loadScenarios } from '../../server/scenarios/load-scenarios.ts';
import type { Scenario } from '../../server/scenarios/scenario.ts';

/** The scenarios of this repository. */
export async function ownScenarios(): Promise<ReadonlyMap<Slug, Scenario>> {
  const { scenarios } = await loadScenarios(join(import.meta.dirname, '../../scenarios'));
  return scenarios;
}

export async function ownScenario(slug: Slug): Promise<Scenario> {
  const scenario = (await ownScenarios()).get(slug);
  if (scenario === undefined) throw new Error(`The scenario ${slug} could not be loaded.`);
  return scenario;
}
