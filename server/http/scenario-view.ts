import type { ScenarioSummary, ScenarioView } from '../protocol/index.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { EngineGate } from '../sessions/engine-gate.ts';

/** A scenario as the catalogue shows it. */
export const scenarioSummary = (
  { slug, title, summary, hosts, minutes }: Scenario,
  { unavailable }: Pick<EngineGate, 'unavailable'>,
): ScenarioSummary => ({
  slug,
  title,
  summary,
  hosts: [...hosts],
  minutes,
  unavailable: unavailable(slug),
});

/** What anybody may read of a scenario before starting it; the texts of its steps are not in it. */
export const scenarioView = (scenario: Scenario, engine: Pick<EngineGate, 'unavailable'>): ScenarioView => ({
  ...scenarioSummary(scenario, engine),
  intro: scenario.intro.render({}).html,
  gating: scenario.gating,
  steps: scenario.steps.map(({ id, title, checks }) => ({
    id,
    title,
    checks: checks.map((check) => check.title),
  })),
});
