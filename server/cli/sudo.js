// Plain JavaScript without dependencies, as it is needed before anything is installed.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { userInfo } from 'node:os';

/**
 * Who has started this process by sudo: root is theirs for installing what the system lacks, and everything else is to
 * be done, and to belong to, themselves.
 *
 * @returns {{ name: string, uid: number, gid: number, env: Record<string, string | undefined> } | null}
 */
export function invoker() {
  const uid = Number(process.env.SUDO_UID);
  if (process.getuid?.() !== 0 || !(uid > 0)) return null;
  // Not by sudo's own variables, of which some lack the home folder.
  const { stdout } = spawnSync('getent', ['passwd', String(uid)], { encoding: 'utf8' });
  const [name, , , gid, , home] = (stdout ?? '').trim().split(':');
  if (!name || !home)
    throw new Error(`sudo says that user ${uid} runs this, and this machine knows no such user.`);
  return {
    name,
    uid,
    gid: Number(gid),
    env: { ...withoutRootsHome(process.env), HOME: home, USER: name, LOGNAME: name },
  };
}

/** Become who has started this process by sudo, for good; nothing where nobody has. */
export function becomeInvoker() {
  const person = invoker();
  if (person === null) return;
  process.initgroups(person.name, person.gid);
  process.setgid(person.gid);
  process.setuid(person.uid);
  for (const name of Object.keys(process.env)) if (!(name in person.env)) delete process.env[name];
  Object.assign(process.env, person.env);
  try {
    accessSync(process.cwd(), constants.X_OK);
  } catch {
    // Root's own folder, perhaps, from which nothing could be run now.
    process.chdir('/');
  }
}

/** Settings that lead to where root keeps its own: npm's cache, XDG_* folders. */
function withoutRootsHome(env) {
  const { homedir } = userInfo();
  const isRoots = (value) => [homedir, '/run/user/0'].some((folder) => `${value}/`.startsWith(`${folder}/`));
  return Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name === 'PATH' || !isRoots(value)),
  );
}
