import { randomBytes } from 'node:crypto';
import { mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { LabEngine } from '../engine.ts';
import { distrustHardware } from './acceleration.ts';
import {
  bootMachine,
  engineEnvironment,
  guestDisks,
  layDisk,
  untilAnswers,
  type Booted,
} from './boot-machine.ts';
import type { EmbeddedBuild } from './build-embedded.ts';
import { ClockWatch } from './clock-watch.ts';
import { cleanSnapshot, removeSnapshot } from './clean-snapshot.ts';
import { endCutOff } from './end-machines.ts';
import { copyClientSecrets, secretsIn } from './guest-secrets.ts';
import { freePort } from './free-port.ts';
import { EMULATED, type GuestShape } from './guest-shape.ts';
import { connectMachine, startMachine, type Machine } from './machine.ts';
import { runFolder } from './run-folder.ts';
import { runningMachines } from './running-machines.ts';

/** A guest that was resumed answers within a second or two, also where it is emulated and the machine is busy. */
const RESUME_LIMIT_MS = 30_000;

/** What an engine was started from. */
const EngineBuild = z.object({
  /** Its disks, its emulator and what it has of the machine, in one name: another engine, another name. */
  id: z.string(),
  /** What was put on its disks; see EngineContents. */
  inputs: z.array(z.string()),
});
export type EngineBuild = z.infer<typeof EngineBuild>;

const RunRecord = z.object({
  port: z.int(),
  memoryMiB: z.number(),
  /** See LabEngine. */
  run: z.string(),
  build: EngineBuild,
});

export type StartOptions = {
  cache: string;
  /** Whose machine it is: one of a name runs in a cache folder at a time. */
  name: string;
  /** What the guest gets of the machine. */
  shape: GuestShape;
  /** Kept for those who find it again; asked once it runs. */
  about: () => Promise<EngineBuild>;
  /** The port to be reached at, where it is to be the one that an engine before it had. */
  port?: number;
  signal: AbortSignal;
  /** Told what a person should know although it went well in the end. */
  announce: (message: string) => void;
};

/**
 * A new engine of a name, of which none runs: resumed from the clean snapshot, or booted where that fails.
 */
export async function startEmbedded(build: EmbeddedBuild, options: StartOptions): Promise<LabEngine> {
  const { cache, name, shape, about, signal, announce } = options;
  const folder = runFolder(cache, name);
  const start = async (how: () => Promise<Booted>): Promise<LabEngine> => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { machine, port } = await how();
    const run = randomBytes(4).toString('hex');
    const record = { port, memoryMiB: shape.memoryMiB, run, build: await about() };
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
    return await start(() => resumeMachine(build, folder, options));
  } catch (error) {
    // In the place of another it is of use with that one's port and certificates alone, which a boot does not give it.
    if (signal.aborted || options.port !== undefined) throw error;
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
    return startEmbedded(build, { ...options, shape: { ...shape, accelerator: EMULATED } });
  }
}

/** An engine that an earlier start has left running. This process holds it, and is to do one of these with it. */
export interface FoundEngine {
  readonly build: EngineBuild;
  /** Go on with it, and with what is on it; where it does not answer, it is let go of. */
  adopt(): Promise<LabEngine>;
  /** End it, and what is on it. */
  end(): Promise<void>;
}

/**
 * Look for the engine of a name that still runs; null where none does. Rejects with a UserError where another process
 * holds it.
 */
export async function findEmbedded(
  cache: string,
  name: string,
  signal: AbortSignal,
): Promise<FoundEngine | null> {
  const folder = runFolder(cache, name);
  const record = await readRecord(folder);
  if (record === null) return null;
  const machine = await connectMachine(folder, signal);
  if (machine === null) return null;
  const engine = labEngine(folder, machine, record, true);
  return {
    build: record.build,
    async adopt() {
      try {
        await machine.agent.wake(signal);
        await untilAnswers(machine, engine.environment, RESUME_LIMIT_MS, signal);
        return engine;
      } catch (error) {
        machine.release();
        throw error;
      }
    },
    end: async () => engine[Symbol.asyncDispose](),
  };
}

/** End the engine of a name, also one that is only half started; no other process may hold it. */
export async function endEmbedded(cache: string, name: string, signal: AbortSignal): Promise<void> {
  await (await findEmbedded(cache, name, signal))?.end();
  await endCutOff(cache, runFolder(cache, name), signal);
}

export type EngineBeside = Pick<LabEngine, 'environment' | 'memoryMiB'> & { build: EngineBuild };

/** How the engine of a name is spoken to beside whoever holds it; null where none runs. */
export async function engineBeside(cache: string, name: string): Promise<EngineBeside | null> {
  const folder = runFolder(cache, name);
  const machines = await runningMachines(cache);
  const isIt = await Promise.all(
    machines.map(async (machine) => machine.folder === (await realpath(folder).catch(() => ''))),
  );
  const record = await readRecord(folder);
  if (record === null || !isIt.includes(true)) return null;
  const { port, memoryMiB, build } = record;
  return { memoryMiB, build, environment: engineEnvironment(port, secretsIn(folder).client) };
}

async function resumeMachine(
  build: EmbeddedBuild,
  folder: string,
  { cache, shape, port: wanted = 0, signal }: StartOptions,
): Promise<Booted> {
  const snapshot = await cleanSnapshot(cache, build, shape, signal);
  const data = await layDisk(build.emulator, snapshot.data, 'qcow2', folder);
  const client = await copyClientSecrets(snapshot.secrets, folder);
  const port = await freePort({ host: '127.0.0.1', port: wanted });
  const { emulator, kernel, initrd } = build;
  const disks = guestDisks(build.disks, data, snapshot.secrets);
  const memory = { file: snapshot.memory, mode: 'read' } as const;
  const machine = await startMachine(
    emulator,
    { ...shape, kernel, initrd, disks, memory, port, incoming: true },
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

/** Null where there is none, or only the beginning of one: what was cut off there is ended, not found again. */
async function readRecord(folder: string): Promise<z.infer<typeof RunRecord> | null> {
  const text = await readFile(recordFile(folder), 'utf8').catch(() => '');
  try {
    return RunRecord.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function labEngine(
  folder: string,
  machine: Machine,
  { port, memoryMiB, run }: z.infer<typeof RunRecord>,
  adopted: boolean,
): LabEngine {
  const clocks = new ClockWatch();
  return {
    memoryMiB,
    adopted,
    run,
    runs: () => machine.runs(),
    failed: machine.failed,
    environment: engineEnvironment(port, secretsIn(folder).client),
    async lease(seconds) {
      if (clocks.isOff) {
        await machine.agent.wake(machine.failed);
        clocks.set();
      }
      await machine.agent.lease(seconds);
    },
    release: () => machine.release(),
    async [Symbol.asyncDispose]() {
      await machine[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
