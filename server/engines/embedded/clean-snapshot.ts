import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder, cachedPath } from '../cached-folder.ts';
import { bootMachine, engineEnvironment } from './boot-machine.ts';
import type { EmbeddedBuild } from './build-embedded.ts';
import { secretsIn, type GuestSecrets } from './guest-secrets.ts';
import type { GuestShape } from './guest-shape.ts';
import { MACHINE_FILES } from './machine-command.ts';

/**
 * A guest that has booted, whose engine answers and has been warmed up, as it stood at that moment. Nothing of it changes
 * when it is used.
 */
export type CleanSnapshot = {
  folder: string;
  /** What its data disk held, to lay others above. */
  data: string;
  secrets: GuestSecrets;
  /** The guest's memory, to be mapped and not read; see MachineSpec. */
  memory: string;
  /** The state of everything else. */
  state: string;
};

/** The lease that a guest wakes up with: time enough to be given another, and not to run on without an owner. */
const FIRST_LEASE_SECONDS = 300;

const WARM_UP_LIMIT_MS = 240_000;

/** Remove a snapshot that is of no use. */
export async function removeSnapshot(cache: string, build: EmbeddedBuild, shape: GuestShape): Promise<void> {
  await rm(snapshotFolder(cache, build, shape), { recursive: true, force: true });
}

/** Boot a guest once and keep what it is then, or find that in the cache. */
export async function cleanSnapshot(
  cache: string,
  build: EmbeddedBuild,
  shape: GuestShape,
  signal: AbortSignal,
): Promise<CleanSnapshot> {
  const make = async (target: string) => {
    const { machine, port, client } = await bootMachine(build, shape, {
      folder: target,
      memory: { file: join(target, 'memory'), mode: 'write' },
      signal,
    });
    await using _ = machine;
    const late = AbortSignal.timeout(WARM_UP_LIMIT_MS);
    await build.warmUp.run(
      { environment: engineEnvironment(port, client) },
      AbortSignal.any([signal, machine.failed, late]),
    );
    await machine.agent.lease(FIRST_LEASE_SECONDS);
    await machine.save(join(target, 'state'));
    await Promise.all(
      [MACHINE_FILES.control, MACHINE_FILES.agent].map((name) => rm(join(target, name), { force: true })),
    );
  };
  const folder = await cachedFolder(cache, 'snapshot', snapshotInputs(build, shape), make, signal);
  return {
    folder,
    data: join(folder, 'data.qcow2'),
    secrets: secretsIn(folder),
    memory: join(folder, 'memory'),
    state: join(folder, 'state'),
  };
}

type SnapshotSource = Pick<EmbeddedBuild, 'disks' | 'emulator' | 'warmUp'>;

const snapshotInputs = ({ disks, emulator, warmUp }: SnapshotSource, shape: GuestShape) => [
  ...Object.values(disks),
  JSON.stringify([shape, emulator.command('qemu-system')]),
  ...warmUp.inputs,
];

/** Where the snapshot of a guest is, or will be. */
export const snapshotFolder = (cache: string, build: SnapshotSource, shape: GuestShape): string =>
  cachedPath(cache, 'snapshot', snapshotInputs(build, shape));
