import { readFile } from 'node:fs/promises';
import { asRoot, isRoot, ownName } from './as-root.ts';
import { runProgram } from './run-program.ts';
import { UserError } from './user-error.ts';

/** Every owner that Debian's packages and images give their files has a number below this. */
const IDS = 65_535;
const FIRST_ID = 100_000;

/** Why something cannot be done, and what to do. */
export type Obstacle = { message: string; remedy: string };

/**
 * Why what root owns cannot be built by this user: where no user namespace with enough ids can be made. Null where it
 * can, and for root, who needs none.
 *
 * @param folder where the system keeps who has which subordinate ids
 */
export async function buildObstacle(folder = '/etc'): Promise<Obstacle | null> {
  if (isRoot()) return null;
  const user = ownName();
  const files = await Promise.all(
    ['subuid', 'subgid'].map((name) => readFile(`${folder}/${name}`, 'utf8').catch(() => '')),
  );
  if (files.some((text) => ownRange(text, [user, String(process.geteuid?.())]) < IDS)) {
    const first = Math.max(FIRST_ID, ...files.map(lastId).map((id) => id + 1));
    const range = `${first}-${first + IDS}`;
    return {
      message: `The user ${user} has too few subordinate ids (/etc/subuid, /etc/subgid): building without root takes ${IDS + 1}.`,
      remedy: `Run this:\nsudo usermod --add-subuids ${range} --add-subgids ${range} ${user}`,
    };
  }
  const [program, ...args] = asRoot(['cat', '/proc/self/uid_map', '/proc/self/gid_map']);
  const failure = await runProgram(program, args).then(
    (maps) => (idsIn(maps) < 2 * IDS ? `Too few ids are mapped there:\n${maps}` : null),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (failure === null) return null;
  return {
    message: `This machine lets ${user} make no user namespace, in which Drydock builds without root. ${failure}`,
    remedy:
      'Allow user namespaces (the settings user.max_user_namespaces, kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns of sysctl), or start Drydock as root and not by sudo: sudo env -u SUDO_UID npm start',
  };
}

/** Refuse to begin what cannot be built here, with a sentence instead of the failure half-way. */
export async function requireBuildPower(): Promise<void> {
  const obstacle = await buildObstacle();
  if (obstacle !== null) throw new UserError(`${obstacle.message}\n${obstacle.remedy}`);
}

/** How many ids the first range of an owner has: it is the one that is used. */
function ownRange(text: string, owners: readonly string[]): number {
  const fields = text.split('\n').map((line) => line.split(':'));
  return Number(fields.find(([owner = '']) => owners.includes(owner))?.[2] ?? 0);
}

const lastId = (text: string): number =>
  Math.max(
    0,
    ...text
      .split('\n')
      .map((line) => line.split(':'))
      .map(([, first, count]) => Number(first) + Number(count) - 1)
      .filter(Number.isFinite),
  );

const idsIn = (maps: string): number =>
  maps.split('\n').reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[2] ?? 0), 0);
