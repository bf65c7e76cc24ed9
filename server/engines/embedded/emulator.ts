import { join } from 'node:path';
import { cachedFolder, cachedPath } from '../cached-folder.ts';
import { debianRootVersion, makeDebianRoot, type DebianRoot } from './debian-root.ts';
import { removeTree } from '../remove-tree.ts';
import type { Work } from '../stages.ts';
import { UserError } from '../user-error.ts';

/** QEMU's programs, unpacked into the cache. */
export interface Emulator {
  /** The command line that starts one of QEMU's programs; append its arguments. */
  command(program: 'qemu-system' | 'qemu-img'): readonly string[];
}

type Architecture = { triplet: string; loader: string; system: string };

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, Architecture>> = {
  x64: {
    triplet: 'x86_64-linux-gnu',
    loader: 'usr/lib64/ld-linux-x86-64.so.2',
    system: 'qemu-system-x86_64',
  },
};

const root: DebianRoot = {
  variant: 'extract',
  packages: ['qemu-system-x86', 'qemu-utils', 'seabios'],
};

/**
 * QEMU from the guest's own release of Debian, unpacked and run from the cache instead of installed: the
 * machine's may be too old (7.2 mistranslates code that a booting kernel patches, and one boot in two dies
 * of it), and everybody runs the same one.
 */
export async function unpackEmulator(cache: string, work: Work): Promise<Emulator> {
  const { loader, system } = programsOf(requireArchitecture());
  const build = async (target: string) => {
    await makeDebianRoot(root, target, work);
    // Unpacking needed them; nothing that runs from here does.
    await Promise.all(['var', 'etc', 'dev', 'tmp'].map((name) => removeTree(join(target, name))));
  };
  const inputs = [await debianRootVersion(root)];
  const folder = await cachedFolder(cache, 'emulator', inputs, build, work.signal, [
    loader,
    system,
    IMAGE_TOOL,
  ]);
  return emulatorIn(folder);
}

/** Where the emulator of this version is, or will be. */
export const emulatorFolder = async (cache: string): Promise<string> =>
  cachedPath(cache, 'emulator', [await debianRootVersion(root)]);

/** Refuse a machine of a kind that there is no emulator for. */
export function requireArchitecture(): Architecture {
  const architecture = ARCHITECTURES[process.arch];
  if (architecture) return architecture;
  throw new UserError(
    `Drydock runs on x86-64 only as yet, and this machine is ${process.arch}. Use another machine.`,
  );
}

const IMAGE_TOOL = 'usr/bin/qemu-img';
const programsOf = ({ loader, system }: Architecture) => ({ loader, system: `usr/bin/${system}` });

/** The emulator that was unpacked into a folder. */
export function emulatorIn(folder: string): Emulator {
  const architecture = requireArchitecture();
  const libraries = join(folder, 'usr/lib', architecture.triplet);
  const programs = programsOf(architecture);
  const loader = [
    join(folder, programs.loader),
    '--library-path',
    `${libraries}:${join(libraries, 'pulseaudio')}`,
  ];
  return {
    command: (program) =>
      program === 'qemu-img'
        ? [...loader, join(folder, IMAGE_TOOL)]
        : [
            ...loader,
            join(folder, programs.system),
            ...['qemu', 'seabios'].flatMap((name) => ['-L', join(folder, 'usr/share', name)]),
          ],
  };
}
