import type { CatalogueEntry, ScenarioSummary, ScenarioView, SessionView } from '../protocol/index.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { EngineGate } from '../sessions/engine-gate.ts';

const scenarioSummary = (
  { slug, title, summary, hosts, minutes, difficulty }: Scenario,
  { unavailable }: Pick<EngineGate, 'unavailable'>,
): ScenarioSummary => ({
  slug,
  title,
  summary,
  hosts: [...hosts],
  minutes,
  difficulty,
  unavailable: unavailable(slug),
});

/** A scenario as the catalogue shows it to the owner of a session of it; null where there is none. */
export const catalogueEntry = (
  scenario: Scenario,
  engine: Pick<EngineGate, 'unavailable'>,
  session: SessionView | null,
): CatalogueEntry => ({
  ...scenarioSummary(scenario, engine),
  progress: session === null ? null : progressOf(session),
});

/** One that is over before its end has to be begun again. */
function progressOf({ status, steps, current }: SessionView): CatalogueEntry['progress'] {
  const finished =
    status === 'finished' || (status === 'ended' && steps.every(({ state }) => state === 'passed'));
  if (!finished && (status === 'ended' || status === 'failed')) return null;
  return { finished, step: steps.findIndex(({ id }) => id === current) + 1, steps: steps.length };
}

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
