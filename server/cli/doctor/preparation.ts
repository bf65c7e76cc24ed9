import type { Config } from '../../config.ts';
import { aptMirror } from '../../engines/apt.ts';
import { isWhole } from '../../engines/folder-record.ts';
import { freeDisk } from '../../engines/disk-space.ts';
import { BUILD_BYTES } from '../../engines/embedded/build-embedded.ts';
import {
  embeddedPrograms,
  installCommand,
  isInstalled,
  missingPackages,
} from '../../engines/system-packages.ts';
import { UserError } from '../../engines/user-error.ts';
import { buildObstacle, type Obstacle } from '../../engines/user-namespace.ts';
import { findRemovable } from '../clean.ts';
import { currentFolders, type Parts } from '../parts.ts';
import { showBytes } from '../quantities.ts';
import { ok, problem, warning, type Finding } from './finding.ts';

const GIB = 2 ** 30;
/** What a lab may well write. */
const LABS_BYTES = 2 * GIB;

export type Preparation = {
  config: Pick<Config, 'cache' | 'setup'>;
  parts: Parts;
  isRoot: boolean;
};

/** What of the engine is built, and what its building still needs. */
export async function preparation({ config, parts, isRoot }: Preparation): Promise<Finding[]> {
  const built: Record<string, boolean> = {};
  for (const [name, folder] of Object.entries(parts)) built[name] = await isWhole(folder);
  const missing = Object.keys(built).filter((name) => !built[name]);
  // The snapshot is made by booting, which takes neither packages nor a user namespace.
  const builds = missing.some((name) => name !== 'snapshot');
  const packages = await missingPackages(embeddedPrograms(isRoot));
  return [
    await cacheFinding(config.cache, parts, built, missing),
    await programs(packages, config.setup, isRoot),
    rootFinding({ isRoot, builds, packages, obstacle: isRoot ? null : await buildObstacle() }),
    await mirror(builds),
    await disk(config.cache, builds),
  ];
}

async function cacheFinding(
  cache: string,
  parts: Parts,
  built: Readonly<Record<string, boolean>>,
  missing: readonly string[],
): Promise<Finding> {
  const { items } = await findRemovable(cache, await currentFolders(cache, parts));
  const older = items.filter(({ kind }) => kind === 'older').map(({ name }) => name);
  const data = { cache, built, older };
  if (missing.length === 0) {
    return ok('cache', `The engine of this version is built, in ${cache}.`, data);
  }
  const others = older.length === 0 ? '' : `, and there are parts of another version: ${older.join(', ')}`;
  return warning(
    'cache',
    `Not yet built of this version's engine in ${cache}: ${missing.join(', ')}${others}.`,
    'Start Drydock, which builds what is missing in a few minutes.',
    data,
  );
}

async function programs(missing: string[], setup: Config['setup'], isRoot: boolean): Promise<Finding> {
  if (missing.length === 0) {
    return ok('programs', 'The programs that Drydock needs of the system are installed; apt is not needed.', {
      missing,
    });
  }
  const message = `Drydock needs ${missing.join(', ')} from the system.`;
  if (!(await isInstalled('apt-get'))) {
    return problem('programs', message, 'Install them; there is no apt-get here that could do it.', {
      missing,
    });
  }
  if (isRoot && setup === 'auto') {
    return warning('programs', message, 'Start Drydock, which installs them with apt-get.', { missing });
  }
  const sudo = isRoot ? '' : 'sudo ';
  return problem('programs', message, `Run this:\n${sudo}${installCommand(missing)}`, { missing });
}

type RootNeeds = { isRoot: boolean; builds: boolean; packages: readonly string[]; obstacle: Obstacle | null };

/** What root is needed for, which is packages alone, and whether everything else can be done without. */
function rootFinding({ isRoot, builds, packages, obstacle }: RootNeeds): Finding {
  const data = { isRoot, needs: packages, namespace: isRoot ? null : obstacle === null };
  const rest = 'Building, the labs and QEMU need no root';
  if (isRoot) {
    const here =
      packages.length > 0 ? `, as which this runs: for ${packages.join(', ')}` : '; none is missing';
    return ok('root', `Root is needed for installing packages only${here}. ${rest}.`, data);
  }
  if (packages.length > 0) {
    const message = `Root is needed to install ${packages.join(', ')}, and for nothing else. ${rest}.`;
    const also = obstacle?.remedy.startsWith('Run this:') ? obstacle.remedy.replace('Run this:', '') : '';
    return problem('root', message, `Run this:\nsudo ${installCommand(packages)}${also}`, data);
  }
  if (obstacle === null) {
    return ok('root', `Root is not needed: what is root's is built in a user namespace. ${rest}.`, data);
  }
  if (builds) return problem('root', obstacle.message, obstacle.remedy, data);
  return warning('root', `${obstacle.message} The next version may have to build.`, obstacle.remedy, data);
}

/** Its address is not told: a report is shown to others. */
async function mirror(builds: boolean): Promise<Finding> {
  try {
    await aptMirror();
    return ok('mirror', 'A Debian package mirror is set up for apt.');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const remedy = 'Add a "deb" line with a mirror’s address to /etc/apt/sources.list.';
    const message = 'No Debian package mirror was found in /etc/apt';
    return builds
      ? problem('mirror', `${message}, and building needs one.`, remedy)
      : warning('mirror', `${message}; the next version may need one to build from.`, remedy);
  }
}

async function disk(cache: string, builds: boolean): Promise<Finding> {
  const free = await freeDisk(cache);
  const needed = builds ? BUILD_BYTES : 0;
  const message = `${showBytes(free)} of disk are free for ${cache}.`;
  const data = { free, needed };
  const remedy = `Free ${showBytes(needed + LABS_BYTES)} there, or set DRYDOCK_CACHE to a folder on a larger disk.`;
  if (free < needed) return problem('disk', `${message} Building takes ${showBytes(needed)}.`, remedy, data);
  if (free < needed + LABS_BYTES) return warning('disk', `${message} Labs may fill that.`, remedy, data);
  return ok('disk', message, data);
}
