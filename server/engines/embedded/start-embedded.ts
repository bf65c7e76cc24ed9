import { mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { LabEngine } from '../engine.ts';
import { distrustHardware, guestShape } from './acceleration.ts';
import { bootMachine, engineEnvironment, layDisks, untilAnswers, type Booted } from './boot-machine.ts';
import type { EmbeddedBuild } from './build-embedded.ts';
import { cleanSnapshot, removeSnapshot } from './clean-snapshot.ts';
import { endCutOff } from './end-machines.ts';
import { copyClientSecrets, secretsIn } from './guest-secrets.ts';
import { freePort } from './free-port.ts';
import type { GuestShape } from './guest-shape.ts';
import { connectMachine, startMachine, type Machine } from './machine.ts';
import { runFolder } from './run-folder.ts';
import { runningMachines } from './running-machines.ts';

/** A guest that was resumed answers within a second or two, also where it is emulated and the machine is busy. */
const RESUME_LIMIT_MS = 30_000;

const RunRecord = z.object({ port: z.int(), memoryMiB: z.number() });

export type StartOptions = {
  cache: string;
  /** Whose machine it is: one of a name runs in a cache folder at a time. */
  name: string;
  signal: AbortSignal;
  /** Told what a person should know although it went well in the end. */
  announce: (message: string) => void;
};

/**
 * The engine of a name: the one that still runs from an earlier start, with the labs on it, or a new one resumed from
 * the clean snapshot, or booted where that fails. Rejects with a UserError where another process holds it.
 */
export async function startEmbedded(build: EmbeddedBuild, options: StartOptions): Promise<LabEngine> {
  const { cache, name, signal, announce } = options;
  const adopted = await adoptEmbedded(cache, name, signal);
  if (adopted !== null) return adopted;
  const shape = await guestShape(cache, build, signal);
  const folder = runFolder(cache, name);
  const start = async (how: () => Promise<Booted>): Promise<LabEngine> => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { machine, port } = await how();
    const record = { port, memoryMiB: shape.memoryMiB };
    try {
      await writeFile(recordFile(folder), JSON.stringify(record));
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
    return labEngine(folder, machine, record, false);
  };
  // One that was cut off while it was started has no record yet, and may be stopped, so that its lease does not end it.
  await endCutOff(cache, folder, signal);
  try {
    return await start(() => resumeMachine(cache, build, shape, folder, signal));
  } catch (error) {
    if (signal.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    announce(`The engine could not be resumed from its snapshot, so it is booted: ${reason}`);
    // The next start makes it anew.
    await removeSnapshot(cache, build, shape);
  }
  try {
    return await start(() => bootMachine(build, shape, { folder, memory: null, signal }));
  } catch (error) {
    if (signal.aborted || shape.accelerator.name === 'tcg') throw error;
    const reason = error instanceof Error ? error.message : String(error);
    announce(`The engine does not run with hardware virtualisation here, so it is emulated: ${reason}`);
    await distrustHardware(cache, shape.accelerator, reason);
    return startEmbedded(build, options);
  }
}

/** The engine of a name that still runs; null where none does. */
export async function adoptEmbedded(
  cache: string,
  name: string,
  signal: AbortSignal,
): Promise<LabEngine | null> {
  const folder = runFolder(cache, name);
  const record = await readFile(recordFile(folder), 'utf8').catch(() => null);
  if (record === null) return null;
  const machine = await connectMachine(folder, signal);
  if (machine === null) return null;
  try {
    await machine.agent.wake(signal);
    const engine = labEngine(folder, machine, RunRecord.parse(JSON.parse(record)), true);
    await untilAnswers(machine, engine.environment, RESUME_LIMIT_MS, signal);
    return engine;
  } catch (error) {
    machine.release();
    throw error;
  }
}

/** How the engine of a name is spoken to beside whoever holds it; null where none runs. */
export async function engineBeside(
  cache: string,
  name: string,
): Promise<Pick<LabEngine, 'environment' | 'memoryMiB'> | null> {
  const folder = runFolder(cache, name);
  const machines = await runningMachines(cache);
  const isIt = await Promise.all(
    machines.map(async (machine) => machine.folder === (await realpath(folder).catch(() => ''))),
  );
  const text = await readFile(recordFile(folder), 'utf8').catch(() => null);
  if (text === null || !isIt.includes(true)) return null;
  const { port, memoryMiB } = RunRecord.parse(JSON.parse(text));
  return { memoryMiB, environment: engineEnvironment(port, secretsIn(folder).client) };
}

async function resumeMachine(
  cache: string,
  build: EmbeddedBuild,
  shape: GuestShape,
  folder: string,
  signal: AbortSignal,
): Promise<Booted> {
  const snapshot = await cleanSnapshot(cache, build, shape, signal);
  const disks = await layDisks(build.emulator, snapshot.disks, 'qcow2', folder);
  const client = await copyClientSecrets(snapshot.secrets, folder);
  const port = await freePort();
  const { emulator, kernel, initrd } = build;
  const memory = { file: snapshot.memory, mode: 'read' } as const;
  const machine = await startMachine(
    emulator,
    { ...shape, kernel, initrd, disks, secrets: snapshot.secrets.disk, memory, port, incoming: true },
    folder,
    signal,
  );
  try {
    await machine.resume(snapshot.state);
    await machine.agent.wake(signal);
    await untilAnswers(machine, engineEnvironment(port, client), RESUME_LIMIT_MS, signal);
    return { machine, port, client };
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
}

const recordFile = (folder: string) => join(folder, 'engine.json');

function labEngine(
  folder: string,
  machine: Machine,
  { port, memoryMiB }: z.infer<typeof RunRecord>,
  adopted: boolean,
): LabEngine {
  return {
    memoryMiB,
    adopted,
    failed: machine.failed,
    environment: engineEnvironment(port, secretsIn(folder).client),
    lease: (seconds) => machine.agent.lease(seconds),
    release: () => machine.release(),
    async [Symbol.asyncDispose]() {
      await machine[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
