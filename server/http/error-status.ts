import type { ErrorCode } from '../protocol/index.ts';

/** The HTTP status of each failure that the API promises. */
export const ERROR_STATUS = {
  bad_request: 400,
  forbidden_origin: 403,
  access_required: 401,
  code_wrong: 403,
  too_many_requests: 429,
  too_many_labs: 409,
  too_large: 413,
  scenario_not_found: 404,
  scenario_unavailable: 503,
  session_not_found: 404,
  run_outdated: 409,
  step_not_found: 404,
  step_locked: 403,
  step_not_passed: 409,
  block_not_found: 404,
  session_not_ready: 409,
  no_extension: 409,
  terminals_exhausted: 409,
  capacity_exhausted: 503,
  engine_outdated: 503,
  engine_failed: 503,
  internal: 500,
} as const satisfies Record<ErrorCode, number>;
