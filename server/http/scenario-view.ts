import { canRevive } from '../protocol/index.ts';
import type { CatalogueEntry, ScenarioSummary, ScenarioView, SessionView } from '../protocol/index.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { EngineGate } from '../sessions/engine-gate.ts';

const scenarioSummary = (
  { slug, title, summary, hosts, ownHosts, minutes, difficulty }: Scenario,
  { unavailable }: Pick<EngineGate, 'unavailable'>,
): ScenarioSummary => ({
  slug,
  title,
  summary,
  hosts: [...hosts],
  ownHosts: ownHosts !== null,
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

/** One that is over before its end, and for good, has to be begun again. */
function progressOf(session: SessionView): CatalogueEntry['progress'] {
  const { steps, current } = session;
  const state = stateOf(session);
  return state && { state, step: steps.findIndex(({ id }) => id === current) + 1, steps: steps.length };
}

function stateOf(session: SessionView): NonNullable<CatalogueEntry['progress']>['state'] | null {
  const { status, steps } = session;
  const allPassed = steps.every((step) => step.state === 'passed');
  if (status === 'finished' || (status === 'ended' && allPassed)) return 'finished';
  if (status !== 'ended' && status !== 'failed') return 'open';
  return canRevive(session) ? 'stopped' : null;
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
