import type { Slug, StepId } from './names.ts';

/**
 * The HTTP API. A session belongs to the owner that the `drydock_owner` cookie names, one per scenario.
 *
 * | method and path | answer |
 * |---|---|
 * | GET engine | EngineStatus |
 * | GET scenarios | CatalogueEntry[] |
 * | GET scenario | ScenarioView |
 * | GET session | SessionView; 404 session_not_found before Start |
 * | POST session | SessionView; starts one, or gives the one that runs; 503 capacity_exhausted, engine_failed, scenario_unavailable |
 * | DELETE session | SessionView (ended) |
 * | GET step, GET finish | StepContent; 403 step_locked |
 * | POST check | SessionView once the step's checks have been made |
 * | POST next | SessionView with the next step open; 409 step_not_passed |
 *
 * Of a picture, GET asset gives the bytes: its path below the scenario's folder `assets/`.
 *
 * A router gets its patterns by giving `:slug` and `:step` for the names.
 */
export const routes = {
  engine: () => '/api/engine',
  scenarios: () => '/api/scenarios',
  scenario: (slug: Slug) => `/api/scenarios/${slug}`,
  session: (slug: Slug) => `/api/scenarios/${slug}/session`,
  step: (slug: Slug, step: StepId) => `/api/scenarios/${slug}/session/steps/${step}`,
  check: (slug: Slug, step: StepId) => `/api/scenarios/${slug}/session/steps/${step}/check`,
  next: (slug: Slug) => `/api/scenarios/${slug}/session/next`,
  finish: (slug: Slug) => `/api/scenarios/${slug}/session/finish`,
  asset: (slug: Slug, path: string) => `/api/scenarios/${slug}/assets/${path}`,
} as const;
