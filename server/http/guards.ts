import type { Request, RequestHandler, Response } from 'express';
import type { Access } from '../access/access.ts';
import type { Warn } from '../access/bounded-warnings.ts';
import { Budget } from '../access/budget.ts';
import { UNKNOWN_BROWSER, type Visitor } from '../access/owners.ts';
import { LabError } from '../sessions/errors.ts';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** No request needs more of a body; what is longer is not read. */
const MAX_BODY_BYTES = 1024;
/** A class may be behind one address: all of it opens the page at once. */
const REQUESTS_OF_ADDRESS = { burst: 4000, perSecond: 200 } as const;
const REQUESTS_OF_OWNER = { burst: 400, perSecond: 20 } as const;

export type Guards = {
  /** Refuses what was sent here under somebody else's name. */
  requireOwnHost: RequestHandler;
  /** Refuses what another site's page asks this server to change. */
  requireSameOrigin: RequestHandler;
  /** Refuses bodies that no request has. */
  requireSmall: RequestHandler;
  /** Refuses who asks too often. */
  requirePatience: RequestHandler;
  /** Refuses whoever has not given the access code. */
  requireAccess: RequestHandler;
  /** Makes sure that there is an owner: the one that the cookie names, or a new one. */
  requireOwner: RequestHandler;
  /**
   * Refuses a browser that was signed out, which begins anew with the next page that it opens: a request that was under
   * way while its owner signed out the others must not make the owner somebody new.
   */
  requireSignedIn: RequestHandler;
  /** Refuses whoever does not operate the server. */
  requireOperator: RequestHandler;
};

/** What stands before the routes. */
export function createGuards(access: Access, warn: Warn): Guards {
  const { names, door, owners, guesses } = access;
  const ofAddress = new Budget(REQUESTS_OF_ADDRESS);
  const ofOwner = new Budget(REQUESTS_OF_OWNER);
  /** Refuse a request, with a line in the log; never its headers or body, which may hold secrets. */
  const refuse = (request: Request, error: LabError): never => {
    const { method, path } = request;
    warn({ method, path, address: access.addressOf(request), error: error.code }, 'request refused');
    throw error;
  };
  return {
    requireOwnHost(request, _response, next) {
      if (!names.isOwnHost(request.headers)) refuse(request, new LabError('forbidden_origin'));
      next();
    },
    requireSameOrigin(request, _response, next) {
      const mayBeForeign = READING.has(request.method);
      if (!mayBeForeign && !names.isSameOrigin(request.headers)) {
        refuse(request, new LabError('forbidden_origin'));
      }
      next();
    },
    requireSmall(request, response, next) {
      const length = request.headers['content-length'];
      if (Number(length ?? 0) > MAX_BODY_BYTES || request.headers['transfer-encoding'] !== undefined) {
        // What is not read would have to be, before another request could follow on this connection.
        response.set('Connection', 'close');
        refuse(request, new LabError('too_large'));
      }
      next();
    },
    requirePatience(request, _response, next) {
      const owner = owners.read(request.headers.cookie)?.owner;
      const isPatient =
        ofAddress.take(access.addressOf(request)) && (owner === undefined || ofOwner.take(owner));
      if (!isPatient) refuse(request, new LabError('too_many_requests'));
      next();
    },
    requireAccess(request, _response, next) {
      if (!door.admits(request.headers.cookie)) throw new LabError('access_required');
      next();
    },
    requireSignedIn(request, _response, next) {
      if (owners.isSignedOut(request.headers.cookie)) throw new LabError('bad_request', UNKNOWN_BROWSER);
      next();
    },
    requireOwner(request, response, next) {
      let visitor = owners.read(request.headers.cookie);
      if (visitor === null) {
        const created = owners.create();
        visitor = created.visitor;
        response.append('Set-Cookie', created.setCookie);
      }
      response.locals['visitor'] = visitor;
      next();
    },
    requireOperator(request, _response, next) {
      const given = guesses.token.try(access.addressOf(request), () =>
        access.isOperator(request.headers) ? true : null,
      );
      if (given.outcome === 'too-many') refuse(request, new LabError('too_many_requests'));
      if (given.outcome === 'wrong') refuse(request, new LabError('access_required', NO_TOKEN));
      next();
    },
  };
}

const NO_TOKEN = {
  en: 'This is for whoever operates the server: send the operator’s token with “Authorization: Bearer”.',
  'zh-CN': '这是为服务器管理者准备的：请通过 “Authorization: Bearer” 发送管理者令牌。',
};

/** Who asks; to be called behind `requireOwner` only. */
export function ownerOf(response: Response): string {
  // Only `requireOwner` sets it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const visitor = response.locals['visitor'] as Visitor | undefined;
  if (visitor === undefined) throw new TypeError('a route without an owner');
  return visitor.owner;
}
