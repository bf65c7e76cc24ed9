import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';
import { searchPath } from './search-path.ts';
import { UserError } from './user-error.ts';

/** Programs of the system that are needed, each with the Debian package that has it. */
export type SystemPrograms = Readonly<Record<string, string>>;

/** What building and running the embedded engine takes; all but mmdebstrap and uidmap are on nearly every Debian. */
const EMBEDDED_PROGRAMS: SystemPrograms = {
  mmdebstrap: 'mmdebstrap',
  mke2fs: 'e2fsprogs',
  debugfs: 'e2fsprogs',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  flock: 'util-linux',
  tar: 'tar',
};

/** What the embedded engine takes of the system: who is not root builds it in a user namespace. */
export const embeddedPrograms = (isRoot: boolean): SystemPrograms =>
  isRoot ? EMBEDDED_PROGRAMS : { ...EMBEDDED_PROGRAMS, newuidmap: 'uidmap', newgidmap: 'uidmap' };

export type Installation = {
  /** `manual`: install nothing, say what is missing. */
  setup: 'auto' | 'manual';
  isRoot: boolean;
  /** Told before anything is installed. */
  announce: (message: string) => void;
  onLine: (line: string) => void;
};

/**
 * Install the packages whose programs are missing. Installs nothing as anybody but root, nothing that would
 * remove a package, and nothing at all when told not to: then the error has the one line to run.
 */
export async function ensureSystemPrograms(programs: SystemPrograms, options: Installation): Promise<void> {
  const packages = await missingPackages(programs);
  if (packages.length === 0) return;
  const install = installWords(packages);
  const command = installCommand(packages);
  if (options.setup === 'manual' || !options.isRoot) {
    const sudo = options.isRoot ? '' : 'sudo ';
    throw new UserError(
      `Drydock needs ${packages.join(', ')} from your system. Run this and start again:\n  ${sudo}${command}`,
    );
  }
  options.announce(`Installing from Debian: ${packages.join(', ')}`);
  const rehearsal = await rehearse(install, options.onLine).catch((error: unknown) => {
    throw new UserError(
      `apt-get cannot install ${packages.join(', ')} on this machine. Make this work and start again:\n  ${command}\n\n${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  });
  const removals = rehearsal.split('\n').filter((line) => line.startsWith('Remv '));
  if (removals.length > 0) {
    const names = removals.map((line) => line.split(' ')[1]).join(', ');
    throw new UserError(
      `Installing ${packages.join(', ')} would remove ${names} from this machine, so it was not done. Install them by hand in a way that suits you and start again:\n  ${command}`,
    );
  }
  await runProgram('apt-get', [...PATIENT, ...install], {
    onLine: options.onLine,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}

const installWords = (packages: readonly string[]) => [
  ...['install', '--yes', '--no-install-recommends'],
  ...packages,
];

/** What a person runs as root to install packages. */
export const installCommand = (packages: readonly string[]): string =>
  ['apt-get', ...installWords(packages)].join(' ');

/** Other programs that install packages, such as nightly upgrades, are waited for: seconds. */
const PATIENT = ['-o', 'DPkg::Lock::Timeout=120'];

/** What apt would do; its package lists are fetched first. */
async function rehearse(install: readonly string[], onLine: (line: string) => void): Promise<string> {
  try {
    await runProgram('apt-get', [...PATIENT, 'update'], { onLine });
  } catch (error) {
    // Any repository of the machine's may be down, and the lists that it has may well be enough.
    onLine(
      `The package lists could not all be fetched: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return runProgram('apt-get', ['--simulate', ...install]);
}

/** The packages whose programs are missing on this machine. */
export async function missingPackages(programs: SystemPrograms): Promise<string[]> {
  const needed = await Promise.all(
    Object.entries(programs).map(async ([program, name]) => ((await isInstalled(program)) ? [] : [name])),
  );
  return [...new Set(needed.flat())].toSorted();
}

/** Whether a program is found where this machine's programs are. */
export async function isInstalled(program: string): Promise<boolean> {
  const found = await Promise.all(
    searchPath().map((folder) =>
      access(join(folder, program), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
