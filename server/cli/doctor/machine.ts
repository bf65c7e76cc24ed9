import { createHash } from 'node:crypto';
import { access, constants, readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { guestShape } from '../../engines/embedded/guest-shape.ts';
import { requireArchitecture } from '../../engines/embedded/emulator.ts';
import { UserError } from '../../engines/user-error.ts';
import { labCapacity } from '../lab-engine.ts';
import { count, showBytes } from '../quantities.ts';
import { ok, problem, warning, type Finding } from './finding.ts';

const MIB = 2 ** 20;
/** A machine that is sold with 4 GB reports less of it. */
const LEAST_MEMORY = 3.5 * 2 ** 30;

export function node(): Finding {
  const data = { version: process.version, platform: process.platform, arch: process.arch };
  try {
    requireArchitecture();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return problem('node', error.message, 'Use a machine with an x86-64 processor.', data);
  }
  if (process.platform !== 'linux') {
    return problem('node', `This machine runs ${process.platform}.`, 'Use a machine that runs Linux.', data);
  }
  return ok('node', `Node.js ${process.version} for ${process.platform} ${process.arch}.`, data);
}

/** Whether what npm has installed is what the lock file says. */
export async function packages(root: string): Promise<Finding> {
  const lock = createHash('sha256')
    .update(await readFile(join(root, 'package-lock.json')))
    .digest('hex');
  const installed = await readFile(join(root, 'node_modules/.drydock-lock'), 'utf8').catch(() => null);
  if (installed === lock) return ok('packages', 'The npm packages are those of this version.');
  return warning(
    'packages',
    installed === null
      ? 'The npm packages were installed by something else than Drydock.'
      : 'The npm packages are those of another version.',
    'Start Drydock by npm, which installs those of this version.',
  );
}

/** What of the machine the labs get, and how many of them that is enough for. */
export function memory(hosts: number, machine: Config['machine'] = {}): Finding {
  const total = totalmem();
  const shape = guestShape(machine);
  const cores = cpus().length;
  const labs = labCapacity(shape, hosts);
  const message = `${showBytes(total)} of memory and ${count(cores, 'core')}; the virtual machine gets ${showBytes(shape.memoryMiB * MIB)} and ${count(shape.cores, 'core')}, enough for ${count(labs, 'lab')} of ${count(hosts, 'host')} at once.`;
  const data = {
    bytes: total,
    cores,
    guestMiB: shape.memoryMiB,
    guestCores: shape.cores,
    hosts,
    labs,
  };
  if (shape.memoryMiB * MIB > total) {
    return warning('memory', message, 'Set DRYDOCK_MEMORY_MIB to less than the machine has.', data);
  }
  if (total >= LEAST_MEMORY) return ok('memory', message, data);
  return warning(
    'memory',
    message,
    'Give the machine 4 GB of memory; with less, labs may be slow or fail.',
    data,
  );
}

/**
 * Always emulated in this version. The device file alone says nothing: it is also there where the processor has not
 * the instructions, or where this process may not open it.
 */
export async function acceleration(): Promise<Finding> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const [, words = ''] = /^flags\s*:(.*)$/m.exec(text) ?? [];
  const flag = ['vmx', 'svm'].find((name) => words.split(' ').includes(name)) ?? null;
  const device = await access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  const found =
    flag === null
      ? 'The processor offers no hardware virtualisation here.'
      : `The processor offers hardware virtualisation (${flag}), and /dev/kvm ${device ? 'may' : 'may not'} be opened; this version does not use it.`;
  return ok('acceleration', `The virtual machine is emulated. ${found}`, { emulated: true, flag, device });
}
