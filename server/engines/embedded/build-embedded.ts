import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asRoot } from '../as-root.ts';
import { cachedFolder, cachedPath, exists } from '../cached-folder.ts';
import { requireDisk } from '../disk-space.ts';
import { isWhole } from '../folder-record.ts';
import type { BuildEngine, Engine } from '../engine.ts';
import { removeTree } from '../remove-tree.ts';
import { runProgram } from '../run-program.ts';
import type { Stage, Stages } from '../stages.ts';
import { knownAccelerator } from './acceleration.ts';
import { snapshotFolder } from './clean-snapshot.ts';
import { dataDiskGiB } from './data-disk.ts';
import { emulatorFolder, emulatorIn, unpackEmulator, type Emulator } from './emulator.ts';
import { guestFolder, makeGuestRoot } from './guest-root.ts';
import type { GuestSize } from './guest-shape.ts';
import { makeDisk, type DiskFormat } from './make-disk.ts';
import { startNativeEngine } from './native-engine.ts';

/** What the engine is to hold at its first boot, images and volumes, and what is to run on it from then on. */
export type EngineContents = {
  /** Everything that the contents depend on; other inputs, another disk. */
  inputs: readonly string[];
  /** Put it there, on the engine that runs natively for that. */
  fill(engine: BuildEngine, stages: Stages): Promise<void>;
  /** Names of volumes that nothing changes any more once they are filled: the guest gets them on a read-only disk. */
  readOnlyVolumes: readonly string[];
  /** Start what is to run, on an engine that has just booted. */
  start(engine: Pick<Engine, 'environment'>, signal: AbortSignal): Promise<void>;
  warmUp: WarmUp;
};

/** What is done on an engine before its snapshot is taken, so that every start from that finds it done. */
export type WarmUp = {
  /** Everything that it depends on besides the contents; other inputs, another snapshot. */
  inputs: readonly string[];
  run(engine: Pick<Engine, 'environment'>, signal: AbortSignal): Promise<void>;
};

/** What the embedded engine is started from. Nothing of it changes when it runs. */
export type EmbeddedBuild = {
  emulator: Emulator;
  kernel: string;
  initrd: string;
  /** Raw disks: the guest's system, its engine's data, and that engine's read-only volumes. */
  disks: Readonly<Record<keyof typeof FORMATS, string>>;
  /** Starts what is to run on an engine that has just booted. */
  start: EngineContents['start'];
  warmUp: WarmUp;
};

/** As the guest sees them; both are sparse and cost what is in them. */
type DiskSizes = { system: string; data: string };
const SYSTEM_SIZE = '4G';

/**
 * On the data disk the kernel counts what each lab's host has written (`guest/limit-disk`). That of the volumes is as
 * large, as they come from there.
 */
const FORMATS = {
  system: { features: ['^has_journal'], extended: [] },
  data: { features: ['quota', 'project'], extended: ['quotatype=prjquota'] },
  volumes: { features: ['^has_journal'], extended: [] },
} as const satisfies Record<keyof DiskSizes | 'volumes', DiskFormat>;

/** What a build takes, with what it needs meanwhile. */
export const BUILD_BYTES = 3 * 2 ** 30;

export const BUILD_STAGES = {
  emulator: { id: 'emulator', name: { en: 'Unpack the emulator', 'zh-CN': '解包模拟器' } },
  guest: {
    id: 'guest',
    name: { en: 'Make the file system of the virtual machine', 'zh-CN': '制作虚拟机的文件系统' },
  },
  disks: { id: 'disks', name: { en: 'Make the disks of the virtual machine', 'zh-CN': '制作虚拟机的磁盘' } },
} as const satisfies Record<string, Stage>;

/**
 * Build the virtual machine that the embedded engine runs in, or find it in the cache by its inputs.
 *
 * @param cache the folder that it is kept in, a few gigabytes
 * @param diskGiB the size of the disk that the labs share; chosen by what is free where it is not told
 */
export async function buildEmbedded(
  cache: string,
  contents: EngineContents,
  stages: Stages,
  diskGiB?: number,
): Promise<EmbeddedBuild> {
  await mkdir(cache, { recursive: true });
  const { version } = await guestFolder(cache);
  const sizes = await diskSizes(cache, version, contents, diskGiB);
  const inputs = diskInputs(version, contents, sizes);
  if (!(await isWhole(cachedPath(cache, 'disks', inputs)))) {
    await requireDisk(cache, BUILD_BYTES, 'Building the virtual machine');
  }
  const emulator = await stages.run(BUILD_STAGES.emulator, (work) => unpackEmulator(cache, work));
  const guest = await stages.run(BUILD_STAGES.guest, (work) => makeGuestRoot(cache, work));
  const makeDisks = async (target: string) => {
    const data = join(target, 'data');
    await mkdir(data);
    {
      await using engine = await startNativeEngine(guest.folder, data, stages.signal);
      await contents.fill(engine, stages);
    }
    await stages.run(BUILD_STAGES.disks, async () => {
      const raw = disksIn(target);
      await makeDisk(guest.folder, raw.system, sizes.system, FORMATS.system);
      const volumes = join(target, 'volumes');
      await takeVolumes(data, contents.readOnlyVolumes, volumes);
      await makeDisk(volumes, raw.volumes, sizes.data, FORMATS.volumes);
      await makeDisk(data, raw.data, sizes.data, FORMATS.data);
      for (const folder of [volumes, data]) await removeTree(folder);
    });
  };
  const disks = await cachedFolder(cache, 'disks', inputs, makeDisks, stages.signal, DISKS);
  return {
    emulator,
    kernel: kernelIn(guest.folder),
    initrd: join(guest.folder, 'boot/initrd.img'),
    disks: disksIn(disks),
    start: (engine, signal) => contents.start(engine, signal),
    warmUp: contents.warmUp,
  };
}

type DiskContents = Pick<EngineContents, 'inputs' | 'readOnlyVolumes'>;

const diskInputs = (guest: string, { inputs, readOnlyVolumes }: DiskContents, sizes: DiskSizes) => [
  JSON.stringify([sizes, FORMATS, readOnlyVolumes]),
  guest,
  ...inputs,
];

async function diskSizes(
  cache: string,
  guest: string,
  contents: DiskContents,
  diskGiB: number | undefined,
): Promise<DiskSizes> {
  const of = (gib: number): DiskSizes => ({ system: SYSTEM_SIZE, data: `${gib}G` });
  const isBuilt = (gib: number) => exists(cachedPath(cache, 'disks', diskInputs(guest, contents, of(gib))));
  return of(diskGiB ?? (await dataDiskGiB(cache, isBuilt)));
}

const kernelIn = (guest: string) => join(guest, 'boot/vmlinuz');
const disksIn = (folder: string): EmbeddedBuild['disks'] => ({
  system: join(folder, 'system.raw'),
  data: join(folder, 'data.raw'),
  volumes: join(folder, 'volumes.raw'),
});
const DISKS = Object.values(disksIn('.'));

/**
 * Move the content of some of an engine's volumes into a folder, below their names: the guest puts it back there
 * (`guest/init`).
 */
async function takeVolumes(data: string, names: readonly string[], target: string): Promise<void> {
  await mkdir(target);
  const take =
    'for name; do mv "$data/volumes/$name/_data" "$target/$name"; mkdir "$data/volumes/$name/_data"; done';
  const [program, ...args] = asRoot([
    ...['sh', '-ec', `data=$1 target=$2; shift 2; ${take}`, 'sh'],
    ...[data, target, ...names],
  ]);
  await runProgram(program, args);
}

/** What this version's guest is run with and by, there or not. */
export async function guestFiles(cache: string): Promise<Pick<EmbeddedBuild, 'emulator' | 'kernel'>> {
  const { folder } = await guestFolder(cache);
  return { emulator: emulatorIn(await emulatorFolder(cache)), kernel: kernelIn(join(folder, 'root')) };
}

/** Where each part of this version's engine is in a cache folder, or will be. */
export async function embeddedFolders(
  cache: string,
  contents: DiskContents & Pick<EngineContents, 'warmUp'>,
  size: GuestSize,
  diskGiB?: number,
): Promise<Record<'emulator' | 'guest' | 'disks' | 'snapshot', string>> {
  const emulator = await emulatorFolder(cache);
  const guest = await guestFolder(cache);
  const sizes = await diskSizes(cache, guest.version, contents, diskGiB);
  const disks = cachedPath(cache, 'disks', diskInputs(guest.version, contents, sizes));
  const build = { ...(await guestFiles(cache)), disks: disksIn(disks), warmUp: contents.warmUp };
  const shape = { ...size, accelerator: await knownAccelerator(cache, build) };
  return { emulator, guest: guest.folder, disks, snapshot: snapshotFolder(cache, build, shape) };
}
