import { userInfo } from 'node:os';

/** Whether this process is root's. Not asked by the user's name, which in a container may be unknown. */
export const isRoot = (): boolean => process.geteuid?.() === 0;

/** This user's name as the system's programs take it; the number of one whom the system does not know. */
export function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.geteuid?.());
  }
}

export type RootOptions = {
  /** The namespaces that it gets of its own, beside the user's, as options of unshare(1). */
  namespaces?: readonly string[];
  /** What it is ended with when this process ends. */
  endedBy?: 'TERM' | 'KILL';
};

/**
 * The command line that runs a command with the power of root over what it makes: as root, or else as the root of a user
 * namespace, who is nobody but this user to the rest of the machine. Its other users are this user's subordinate ids
 * (/etc/subuid), which is what files that it gives away belong to.
 */
export function asRoot(
  command: readonly string[],
  { namespaces = [], endedBy = 'TERM' }: RootOptions = {},
): readonly [string, ...string[]] {
  const user = isRoot() ? [] : ['--user', '--map-root-user', '--map-auto'];
  const unshare = [...user, ...namespaces];
  return [
    'setpriv',
    '--pdeathsig',
    endedBy,
    ...(unshare.length > 0 ? ['unshare', ...unshare] : []),
    ...command,
  ];
}
