import type { RequestHandler, Response } from 'express';
import { LabError } from '../sessions/errors.ts';
import { createOwner, readOwner } from './owner-cookie.ts';
import { isOwnHost, isSameOrigin } from './same-origin.ts';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses what another site's page asks this server to change. */
export const requireSameOrigin: RequestHandler = (request, _response, next) => {
  if (!READING.has(request.method) && !isSameOrigin(request.headers)) throw new LabError('forbidden_origin');
  next();
};

/** Refuses what was sent here under somebody else's name. */
export const requireOwnHost: RequestHandler = (request, _response, next) => {
  if (!isOwnHost(request.headers)) throw new LabError('forbidden_origin');
  next();
};

/** Makes sure that there is an owner: the one that the cookie names, or a new one. */
export const requireOwner: RequestHandler = (request, response, next) => {
  let owner = readOwner(request.headers.cookie);
  if (owner === null) {
    const created = createOwner();
    owner = created.owner;
    response.append('Set-Cookie', created.setCookie);
  }
  response.locals['owner'] = owner;
  next();
};

/** Who asks; to be called behind `requireOwner` only. */
export function ownerOf(response: Response): string {
  const owner: unknown = response.locals['owner'];
  if (typeof owner !== 'string') throw new TypeError('a route without an owner');
  return owner;
}
