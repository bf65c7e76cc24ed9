import { basename, join } from 'node:path';
import { dockerClient } from '../docker-client.ts';
import type { DockerEnvironment } from '../engine.ts';
import { runProgram } from '../run-program.ts';
import { UserError } from '../user-error.ts';
import type { EmbeddedBuild } from './build-embedded.ts';
import type { Emulator } from './emulator.ts';
import { freePort } from './free-port.ts';
import { makeGuestSecrets, type GuestSecrets } from './guest-secrets.ts';
import type { GuestShape } from './guest-shape.ts';
import { startMachine, type Machine } from './machine.ts';
import type { MachineDisk, MachineSpec } from './machine-command.ts';
import { untilEngineAnswers } from './until-engine-answers.ts';

const BOOT_LIMIT_MS = 240_000;
const START_LIMIT_MS = 120_000;

/** A machine whose engine answers, and how it is spoken to. */
export type Booted = { machine: Machine; port: number; client: string };

/**
 * Boot a built guest in a folder of its own, with a disk above that which was built and certificates made on the spot, and
 * start what is to run on its engine.
 *
 * @param memory see MachineSpec
 */
export async function bootMachine(
  { emulator, kernel, initrd, disks: built, start }: EmbeddedBuild,
  shape: GuestShape,
  { folder, memory, signal }: { folder: string; memory: MachineSpec['memory']; signal: AbortSignal },
): Promise<Booted> {
  const data = await layDisk(emulator, built.data, 'raw', folder);
  const secrets = await makeGuestSecrets(folder);
  const disks = guestDisks(built, data, secrets);
  const port = await freePort();
  const machine = await startMachine(
    emulator,
    { ...shape, kernel, initrd, disks, memory, port, incoming: false },
    folder,
    signal,
  );
  try {
    await machine.agent.wake(AbortSignal.any([signal, machine.failed]), BOOT_LIMIT_MS);
    const environment = engineEnvironment(port, secrets.client);
    await untilAnswers(machine, environment, BOOT_LIMIT_MS, signal);
    const late = AbortSignal.timeout(START_LIMIT_MS);
    await start({ environment }, AbortSignal.any([signal, machine.failed, late]));
    return { machine, port, client: secrets.client };
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
}

/** Wait for the engine of a machine; where it does not answer in time, a UserError says what its console said. */
export async function untilAnswers(
  machine: Machine,
  environment: DockerEnvironment,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const late = AbortSignal.timeout(limitMs);
  try {
    await untilEngineAnswers(dockerClient({ environment }), AbortSignal.any([signal, machine.failed, late]));
  } catch (error) {
    if (error !== late.reason) throw error;
    throw new UserError(
      `The engine's virtual machine did not answer within ${limitMs / 1000} seconds. Start Drydock again. Its console ended with:\n${await machine.consoleTail()}`,
    );
  }
}

/** A disk that begins as a copy of another and costs only what is written to it. */
export async function layDisk(
  emulator: Emulator,
  base: string,
  format: 'raw' | 'qcow2',
  folder: string,
): Promise<string> {
  const [program = '', ...args] = emulator.command('qemu-img');
  const disk = join(folder, `${basename(base).replace(/\.\w+$/, '')}.qcow2`);
  await runProgram(program, [...args, 'create', '-q', '-f', 'qcow2', '-F', format, '-b', base, disk]);
  return disk;
}

/** A guest's disks as it knows them (`guest/init`): it writes to the one with its engine's data alone. */
export const guestDisks = (
  { system, volumes }: EmbeddedBuild['disks'],
  data: string,
  secrets: GuestSecrets,
): readonly MachineDisk[] => [
  { file: system, writable: false },
  { file: data, writable: true },
  { file: volumes, writable: false },
  { file: secrets.disk, writable: false },
];

export const engineEnvironment = (port: number, client: string): DockerEnvironment => ({
  DOCKER_HOST: `tcp://127.0.0.1:${port}`,
  DOCKER_TLS_VERIFY: '1',
  DOCKER_CERT_PATH: client,
});
