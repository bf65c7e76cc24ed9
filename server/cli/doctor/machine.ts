import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { hardwareOffer, keptOutcome, type HardwareOffer } from '../../engines/embedded/acceleration.ts';
import { guestFiles } from '../../engines/embedded/build-embedded.ts';
import { guestSize } from '../../engines/embedded/guest-shape.ts';
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
  const size = guestSize(machine);
  const cores = cpus().length;
  const labs = labCapacity(size, hosts);
  const message = `${showBytes(total)} of memory and ${count(cores, 'core')}; the virtual machine gets ${showBytes(size.memoryMiB * MIB)} and ${count(size.cores, 'core')}, enough for ${count(labs, 'lab')} of ${count(hosts, 'host')} at once.`;
  const data = { bytes: total, cores, guestMiB: size.memoryMiB, guestCores: size.cores, hosts, labs };
  if (size.memoryMiB * MIB > total) {
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

/** Whether the virtual machine is emulated, and why. What is not known without trying is tried by a start. */
export async function acceleration(cache: string, offer?: HardwareOffer): Promise<Finding> {
  const found = offer ?? (await hardwareOffer());
  const kept = await keptOutcome(cache, await guestFiles(cache), found);
  const { flag, device } = found;
  const data = { emulated: kept?.failure !== null, flag, device, tried: kept !== null };
  if (flag === null) {
    const message = 'The virtual machine is emulated. The processor offers no hardware virtualisation here.';
    return ok('acceleration', message, { ...data, emulated: true });
  }
  const offered = `The processor offers hardware virtualisation (${flag})`;
  if (!device) {
    return warning(
      'acceleration',
      `The virtual machine is emulated. ${offered}, and /dev/kvm may not be opened.`,
      'Let yourself use it, which makes labs faster: load the kernel’s module kvm, join the group that /dev/kvm belongs to, and log in again.',
      { ...data, emulated: true },
    );
  }
  if (kept === null) return ok('acceleration', `${offered}; the next start tries whether it works.`, data);
  if (kept.failure === null) return ok('acceleration', `${offered}, and the virtual machine uses it.`, data);
  return ok('acceleration', `The virtual machine is emulated. ${offered}, but: ${kept.failure}`, data);
}
