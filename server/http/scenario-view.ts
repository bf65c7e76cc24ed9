import type { ScenarioSummary, ScenarioView } from '../protocol/index.ts';
import type { Scenario } from '../scenarios/scenario.ts';

/** A scenario as the catalogue shows it. */
export const scenarioSummary = ({ slug, title, summary, hosts, minutes }: Scenario): ScenarioSummary => ({
  slug,
  title,
  summary,
  hosts: [...hosts],
  minutes,
});

/** What anybody may read of a scenario before starting it; the texts of its steps are not in it. */
export const scenarioView = (scenario: Scenario): ScenarioView => ({
  ...scenarioSummary(scenario),
  intro: scenario.intro.render({}).html,
  steps: scenario.steps.map(({ id, title, checks }) => ({
    id,
    title,
    checks: checks.map((check) => check.title),
  })),
});
