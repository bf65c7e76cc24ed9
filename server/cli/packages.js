// Plain JavaScript without dependencies: it runs on whatever Node.js the machine has, before anything is
// installed, and makes sure that the rest finds its packages and the Node.js that it is written for.
import { createHash } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { becomeInvoker, invoker } from './sudo.js';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

const MINIMUM = 20;
const WANTED = 24;

/**
 * Install the locked packages where they are not there yet or the lock has changed since.
 *
 * @returns {string} the path of the Node.js that the project runs on
 */
export function ensurePackages() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < MINIMUM) {
    throw new Error(
      `Drydock needs Node.js ${MINIMUM} or later, and this is ${process.version}. Install a later one and try again.`,
    );
  }
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const marker = join(ROOT, 'node_modules/.drydock-lock');
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== lock) {
    refuseFilesOfRoot();
    process.stderr.write('Installing packages (about a minute the first time) …\n');
    // No package here needs its install scripts, and one of them would look for a compiler.
    const args = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const { status, error } = spawnSync('npm', args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
    if (error) {
      throw new Error(`npm could not be run (${error.message}). Install npm and try again.`);
    }
    if (status !== 0) {
      throw new Error('The packages could not be installed. See what npm says above, mend it and try again.');
    }
    writeFileSync(marker, lock);
  }
  const own = join(ROOT, `node_modules/node-linux-${process.arch}/bin/node`);
  if (existsSync(own)) return own;
  if (major >= WANTED) return process.execPath;
  throw new Error(
    `Drydock runs on Node.js ${WANTED}, which npm has no package of for this machine (${process.platform} ${process.arch}). Install it and try again.`,
  );
}

/** Where root has installed or cloned before, only root can install again: say it instead of npm. */
function refuseFilesOfRoot() {
  const places = [ROOT, join(ROOT, 'node_modules'), join(ROOT, 'node_modules/.drydock-lock')];
  const others = places.filter(
    (place) => existsSync(place) && statSync(place).uid === 0 && !isWritable(place),
  );
  if (others.length === 0) return;
  throw new Error(
    `${others[0]} belongs to root, so the packages cannot be installed by you. Run this and try again:\n  sudo chown -R ${userInfo().username}: ${ROOT}`,
  );
}

function isWritable(place) {
  try {
    accessSync(place, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Run a program of the project with the right Node.js, as if it were this process: it gets the terminal and the
 * signals, and its end is this process's end.
 *
 * @param {readonly string[]} args
 * @param {{ keepRoot?: boolean }} [options] keepRoot: under sudo, the program begins as
 *   root and sees to it itself that it does not stay so; any other is run as who has called sudo
 */
export function become(args, { keepRoot = false } = {}) {
  let node;
  let own = process.env;
  try {
    if (!keepRoot) becomeInvoker();
    const person = invoker();
    if (person !== null) {
      own = person.env;
      const install = [join(ROOT, 'server/cli/install-packages.js')];
      const { uid, gid, env } = person;
      const { status } = spawnSync(process.execPath, install, { uid, gid, env, stdio: ['ignore', 2, 2] });
      if (status !== 0) process.exit(1);
    }
    node = ensurePackages();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  const path = `${join(ROOT, 'node_modules/.bin')}:${own.PATH}`;
  const child = spawn(node, args, { stdio: 'inherit', env: { ...own, PATH: path } });
  // Ctrl-C in a terminal reaches the child by itself as well, which takes the two for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(
      `Node.js could not be run (${error.message}). Remove the folder node_modules and try again.\n`,
    );
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal !== null) process.removeAllListeners(signal);
    if (signal !== null) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
}
