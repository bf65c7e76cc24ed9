import type { RunId, Slug, StepId } from './names.ts';

/** The header by which a request names the run that it is about. */
export const RUN_HEADER = 'drydock-run';

/**
 * The HTTP API. A session belongs to the owner that a signed cookie names, one per scenario.
 *
 * | method and path | answer |
 * |---|---|
 * | GET engine | EngineStatus |
 * | GET scenarios | CatalogueEntry[] |
 * | GET scenario | ScenarioView |
 * | GET session | SessionView; 404 session_not_found before Start |
 * | POST session | SessionView; starts one, or gives the one that runs; queued where the engine holds no more; 503 capacity_exhausted, engine_failed, scenario_unavailable |
 * | DELETE session | SessionView (ended); also leaves the queue |
 * | POST extend | SessionView with more time; 409 no_extension |
 * | POST reset | SessionView of another run, on fresh hosts; `?progress=keep` keeps the steps that have passed; 409 session_not_ready |
 * | GET step, GET finish | StepContent; 403 step_locked |
 * | POST check | SessionView once the step's checks have been made |
 * | POST next | SessionView with the next step open; 409 step_not_passed |
 *
 * A request about a session may name its run by RUN_HEADER: 409 run_outdated, with nothing done, where the owner has
 * another one, or none. So a page that was left open does nothing to a lab that it does not show.
 *
 * Where other machines reach the server, an access code comes first: all of these answer 401 access_required until it was
 * given. Codes are CodeRequests; 403 code_wrong, 429 too_many_requests.
 *
 * | method and path | answer |
 * |---|---|
 * | POST access | 204; the browser is let in by a cookie |
 * | POST deviceCode | DeviceCode |
 * | POST join | 204; the browser is let in, as the owner that the device's code is of |
 * | POST signOutOthers | 204; no other browser is the owner's any more |
 *
 * With `Authorization: Bearer` and the operator's token, else 401:
 *
 * | method and path | answer |
 * |---|---|
 * | GET runningSessions | RunningSession[] of all owners |
 * | DELETE runningSession | 204 once all of it has been removed; 404 session_not_found |
 * | GET metrics | for Prometheus |
 *
 * Of a picture, GET asset gives the bytes: its path below the scenario's folder `assets/`.
 *
 * A router gets its patterns by giving `:slug` and `:step` for the names.
 */
export const routes = {
  engine: () => '/api/engine',
  access: () => '/api/access',
  deviceCode: () => '/api/devices/code',
  join: () => '/api/devices/join',
  signOutOthers: () => '/api/devices/sign-out-others',
  runningSessions: () => '/api/admin/sessions',
  runningSession: (run: RunId) => `/api/admin/sessions/${run}`,
  metrics: () => '/metrics',
  scenarios: () => '/api/scenarios',
  scenario: (slug: Slug) => `/api/scenarios/${slug}`,
  session: (slug: Slug) => `/api/scenarios/${slug}/session`,
  extend: (slug: Slug) => `/api/scenarios/${slug}/session/extend`,
  reset: (slug: Slug, keepProgress: boolean) =>
    `/api/scenarios/${slug}/session/reset${keepProgress ? '?progress=keep' : ''}`,
  step: (slug: Slug, step: StepId) => `/api/scenarios/${slug}/session/steps/${step}`,
  check: (slug: Slug, step: StepId) => `/api/scenarios/${slug}/session/steps/${step}/check`,
  next: (slug: Slug) => `/api/scenarios/${slug}/session/next`,
  finish: (slug: Slug) => `/api/scenarios/${slug}/session/finish`,
  asset: (slug: Slug, path: string) => `/api/scenarios/${slug}/assets/${path}`,
} as const;
