import { userInfo } from 'node:os';
import { UserError } from './user-error.ts';

/** Refuse to begin what only root can do, with a sentence instead of the failure half-way. */
export function requireRoot(what: string): void {
  if (userInfo().uid === 0) return;
  throw new UserError(`${what} needs root, and only the first start does it. Start Drydock as root.`);
}
