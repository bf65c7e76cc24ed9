import { randomBytes } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';

const NAME = 'drydock_owner';
/** 128 random bits as base64url. */
const OWNER = /^[A-Za-z0-9_-]{22}$/;
/** Browsers keep no cookie longer than 400 days. */
const MAX_AGE_SECONDS = 400 * 24 * 60 * 60;

/** The owner that a Cookie header names, null where it names none. */
export function readOwner(cookieHeader: string | undefined): string | null {
  const owner = parseCookie(cookieHeader ?? '')[NAME];
  return owner !== undefined && OWNER.test(owner) ? owner : null;
}

/** A new owner with the Set-Cookie header that makes a browser come back as them. */
export function createOwner(): { owner: string; setCookie: string } {
  const owner = randomBytes(16).toString('base64url');
  const setCookie = stringifySetCookie({
    name: NAME,
    value: owner,
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    maxAge: MAX_AGE_SECONDS,
  });
  return { owner, setCookie };
}
