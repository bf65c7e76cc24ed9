import { z } from 'zod';
import { LocalizedText } from './names.ts';

/** Failures that the API promises. Anything else is a logged `internal`. */
export const ERROR_CODES = [
  'bad_request',
  'forbidden_origin',
  'access_required',
  'code_wrong',
  'too_many_requests',
  'too_many_labs',
  'too_large',
  'scenario_not_found',
  'scenario_unavailable',
  'session_not_found',
  'run_outdated',
  'step_not_found',
  'step_locked',
  'step_not_passed',
  'block_not_found',
  'session_not_ready',
  'no_extension',
  'terminals_exhausted',
  'capacity_exhausted',
  'engine_outdated',
  'engine_failed',
  'internal',
] as const;

/** The body of every answer with a status of 400 or more, and of a refused socket request. */
export const ApiError = z.strictObject({ error: z.enum(ERROR_CODES), message: LocalizedText });
export type ApiError = z.infer<typeof ApiError>;
export type ErrorCode = ApiError['error'];
