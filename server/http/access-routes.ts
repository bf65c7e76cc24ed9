import express, { Router, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import type { Access } from '../access/access.ts';
import type { Warn } from '../access/bounded-warnings.ts';
import { Budget } from '../access/budget.ts';
import { DEVICE_CODE_MS } from '../access/device-codes.ts';
import type { Guessed, Guesses } from '../access/guesses.ts';
import { CodeRequest, routes, type DeviceCode, type LocalizedText } from '../protocol/index.ts';
import { LabError } from '../sessions/errors.ts';
import { ownerOf, type Guards } from './guards.ts';
import { qrOf } from './qr.ts';

/** How many codes one owner may ask for. */
const CODES_OF_OWNER = { burst: 10, perSecond: 1 / 30 } as const;
/** A class behind one address; whoever drops their cookie is another owner. */
const CODES_OF_ADDRESS = { burst: 300, perSecond: 1 } as const;

export type AccessRoutesOptions = {
  access: Access;
  guards: Guards;
  /** Told that an owner has signed other browsers out, once the one that asked knows of it. */
  onSignedOut: (owner: string) => void;
  log: Logger;
  warn: Warn;
};

/** How a browser is let in, comes to be an owner's, and ceases to be. */
export function createAccessRoutes(options: AccessRoutesOptions): Router {
  const { access, guards, onSignedOut, log, warn } = options;
  const { door, owners, deviceCodes, guesses, names } = access;
  const api = Router();
  const json = express.json({ limit: 1024 });
  const codesOfOwner = new Budget(CODES_OF_OWNER);
  const codesOfAddress = new Budget(CODES_OF_ADDRESS);

  /** What a code gives; wrong ones are counted. */
  const tryCode = <T>(
    request: Request,
    guarded: Guesses,
    answer: (code: string) => T | null,
    wrong?: LocalizedText,
  ): T => {
    const parsed = CodeRequest.safeParse(request.body);
    if (!parsed.success) throw new LabError('bad_request');
    const address = access.addressOf(request);
    const given: Guessed<T> = guarded.try(address, () => answer(parsed.data.code));
    if (given.outcome === 'right') return given.value;
    warn({ path: request.path, address, outcome: given.outcome }, 'code refused');
    throw given.outcome === 'wrong' ? new LabError('code_wrong', wrong) : new LabError('too_many_requests');
  };

  api.post(routes.access(), json, (request, response) => {
    response.append(
      'Set-Cookie',
      tryCode(request, guesses.code, (code) => door.try(code)),
    );
    log.info({ address: access.addressOf(request) }, 'let in by the access code');
    response.sendStatus(204);
  });
  api.post(routes.join(), json, (request, response) => {
    const owner = tryCode(request, guesses.device, (code) => deviceCodes.redeem(code), OLD_CODE);
    response.append('Set-Cookie', owners.cookieFor(owner));
    // Whoever shows a code was let in before, and lets in whom they show it.
    if (!door.admits(request.headers.cookie)) response.append('Set-Cookie', door.letIn());
    log.info({ address: access.addressOf(request) }, 'another browser is an owner’s');
    response.sendStatus(204);
  });

  const owned = [guards.requireAccess, guards.requireSignedIn, guards.requireOwner];
  api.post(routes.deviceCode(), ...owned, (request: Request, response: Response<DeviceCode>) => {
    const owner = ownerOf(response);
    const isModest = codesOfOwner.take(owner) && codesOfAddress.take(access.addressOf(request));
    if (!isModest) throw new LabError('too_many_requests');
    const code = deviceCodes.issue(owner);
    const origin = names.publicOrigin(request.headers, access.secure);
    // In the fragment, which browsers send to nobody: it is in no log of a proxy.
    const link = origin === null ? null : `${origin}/join#${code}`;
    response.json({
      code,
      link,
      qr: link === null ? null : qrOf(link),
      secondsLeft: DEVICE_CODE_MS / 1000,
    });
  });
  api.post(routes.signOutOthers(), ...owned, (_request: Request, response: Response) => {
    const owner = ownerOf(response);
    deviceCodes.withdraw(owner);
    response.append('Set-Cookie', owners.signOutOthers(owner));
    // Pages of this browser are cut off with the others, and come back by the new cookie.
    response.once('close', () => onSignedOut(owner));
    log.info('other browsers of an owner signed out');
    response.sendStatus(204);
  });
  return api;
}

const OLD_CODE = {
  en: 'This code is not right, was used already or is too old. Check it, or take a new one from the other device.',
  'zh-CN': '此代码不正确、已被使用或已过期。请核对，或在另一台设备上重新获取。',
};
