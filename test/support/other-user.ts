import { appendFile, chown, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa, type Options } from 'execa';
import { ensureSystemPrograms } from '../../server/engines/system-packages.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const ID = 64_242;
const FIRST_SUBORDINATE = 700_000;

/** A user who exists in the commands that it runs and nowhere else on the machine. Only root can make one. */
export interface OtherUser extends AsyncDisposable {
  readonly name: string;
  readonly id: number;
  readonly home: string;
  /** Where it finds this project, wherever that is. */
  readonly project: string;
  /** Where it finds the Node.js that this process runs on. */
  readonly node: string;
  /** Run a command as it, in its home folder. `root`: as root, with the same users. */
  run(words: readonly string[], options?: RunOptions): Promise<RunResult>;
}

export type RunOptions = {
  root?: boolean;
  environment?: Readonly<Record<string, string>>;
  input?: string;
};
export type RunResult = { exitCode: number | undefined; stdout: string; stderr: string };

/** In a mount namespace of its own: the users' files in place of the machine's, and the project where it may look. */
const SET_UP = `
for name in passwd group subuid subgid; do mount --bind "$FILES/$name" "/etc/$name"; done
mount --bind "$PROJECT" "$FILES/project"
cd "$HOME"
exec "$@"`;

/** @param subordinateIds how many it has; 65536 is what Debian gives a new user */
export async function otherUser({ subordinateIds = 65_536 } = {}): Promise<OtherUser> {
  const folder = await temporaryFolder();
  const path = (name: string) => join(folder.path, name);
  await chown(folder.path, ID, ID);
  await Promise.all(['home', 'project'].map((name) => mkdir(path(name))));
  await chown(path('home'), ID, ID);
  await Promise.all(['passwd', 'group'].map((name) => copyFile(join('/etc', name), path(name))));
  await appendFile(path('passwd'), `learner:x:${ID}:${ID}::${path('home')}:/bin/bash\n`);
  await appendFile(path('group'), `learner:x:${ID}:\n`);
  const range = subordinateIds > 0 ? `learner:${FIRST_SUBORDINATE}:${subordinateIds}\n` : '';
  await Promise.all(['subuid', 'subgid'].map((name) => writeFile(path(name), range)));
  const own = ['setpriv', `--reuid=${ID}`, `--regid=${ID}`, '--init-groups'];
  return {
    name: 'learner',
    id: ID,
    home: path('home'),
    project: path('project'),
    node: process.execPath.replace(ROOT, path('project')),
    async run(words, { root = false, environment = {}, input }: RunOptions = {}) {
      const options: Options = {
        env: {
          FILES: folder.path,
          PROJECT: ROOT,
          HOME: path('home'),
          USER: 'learner',
          LOGNAME: 'learner',
          ...environment,
        },
        ...(input === undefined ? { stdin: 'ignore' } : { input }),
        reject: false,
      };
      const command = ['--mount', 'sh', '-ec', SET_UP, 'sh', ...(root ? [] : own), ...words];
      const { exitCode, stdout, stderr } = await execa('unshare', command, options);
      return { exitCode, stdout: String(stdout), stderr: String(stderr) };
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** What the system must have for a user to build without root; root itself needs it for no other reason. */
export const ensureUserNamespaces = (): Promise<void> =>
  ensureSystemPrograms(
    { newuidmap: 'uidmap' },
    { setup: 'auto', isRoot: true, announce: () => undefined, onLine: () => undefined },
  );
