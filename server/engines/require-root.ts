import { UserError } from './user-error.ts';

/** Whether this process is root's. Not asked by the user's name, which in a container may be unknown. */
export const isRoot = (): boolean => process.geteuid?.() === 0;

/** Refuse to begin what only root can do, with a sentence instead of the failure half-way. */
export function requireRoot(what: string): void {
  if (isRoot()) return;
  throw new UserError(`${what} needs root, and only the first start does it. Start Drydock as root.`);
}
