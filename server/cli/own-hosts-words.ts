import type { Config } from '../config.ts';
import { UserError } from '../engines/user-error.ts';

/**
 * What whoever starts the server has to know where labs may use machines that exist already, a line each. Refused where it
 * would give others a shell of root's on this machine.
 */
export function ownHostsWords(
  allowed: Config['ownHosts'],
  { exposed, isRoot }: { exposed: boolean; isRoot: boolean },
): string[] {
  if (allowed.length === 0) return [];
  const isLocal = allowed.includes('local');
  if (isLocal && exposed && isRoot) {
    throw new UserError(
      'DRYDOCK_OWN_HOSTS would give everybody who reaches the page a shell of root’s on this machine. Run Drydock as another user, leave local out of it, or let nobody else come (DRYDOCK_HOST, DRYDOCK_URL, DRYDOCK_ACCESS_CODE).',
    );
  }
  const who = exposed ? 'every visitor' : 'whoever uses this machine';
  const as = isRoot ? 'as root' : 'as the user who runs Drydock';
  const where = [
    ...(isLocal ? ['on this machine'] : []),
    ...(allowed.includes('ssh') ? ['by the ssh keys of that user on the machines that labs name'] : []),
  ];
  return [`DRYDOCK_OWN_HOSTS is on: ${who} can have a shell ${as} ${where.join(', and ')}.`];
}
