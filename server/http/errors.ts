import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { apiError, LabError } from '../sessions/errors.ts';
import { ERROR_STATUS } from './error-status.ts';

/** Answers what was thrown: promised failures by the status table, malformed requests by 400, else a logged 500. */
export function answerErrors(log: Logger): ErrorRequestHandler {
  // Express knows a handler of errors by its four parameters.
  return (error: unknown, request, response, _next) => {
    const body = toApiError(error);
    if (body.error === 'internal') {
      log.error({ err: error, method: request.method, path: request.path }, 'request failed');
    }
    // Half an answer cannot be taken back: cutting it off is how its reader learns.
    if (response.headersSent) response.destroy();
    else response.status(ERROR_STATUS[body.error]).json(body);
  };
}

function toApiError(error: unknown): ReturnType<typeof apiError> {
  if (error instanceof LabError) return error.toApiError();
  // Express throws this one for a path such as /labs/%zz.
  if (error instanceof URIError) return apiError('bad_request');
  // And these where a body is too long, or no JSON.
  const status = error instanceof Error && 'status' in error ? error.status : null;
  if (status === 413) return apiError('too_large');
  if (status === 400 || status === 415) return apiError('bad_request');
  return apiError('internal');
}
