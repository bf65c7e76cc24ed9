import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { exists, isAbandoned } from '../cached-folder.ts';
import { isSystemError } from '../system-error.ts';
import { connectMachine } from './machine.ts';
import { runningMachines, type RunningMachine } from './running-machines.ts';
import { isRunFolder } from './run-folder.ts';

const QUIT_MS = 10_000;
const POLL_MS = 50;

/**
 * End every virtual machine below a cache folder, with the labs on it, and remove what they were run from. One that is
 * not told to, because it hangs or a process that hangs holds it, is killed: nothing that it has written is wanted.
 *
 * @returns those that ran
 */
export async function endMachines(cache: string, signal: AbortSignal): Promise<RunningMachine[]> {
  const machines = await runningMachines(cache);
  for (const { pid, folder } of machines) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(QUIT_MS)]);
    await quit(folder, limit).catch(() => undefined);
    signal.throwIfAborted();
    await killed(cache, pid, signal);
  }
  const names = await readdir(cache).catch(() => []);
  await Promise.all(
    names.filter(isRunFolder).map((name) => rm(join(cache, name), { recursive: true, force: true })),
  );
  return machines;
}

/**
 * End what a process that was killed has left half started: in the folder that a new machine is to run from, and in those
 * that snapshots were being made in. Such a machine may be stopped, and then its lease does not end it.
 */
export async function endCutOff(cache: string, runsFrom: string, signal: AbortSignal): Promise<void> {
  for (const { pid, folder } of await runningMachines(cache)) {
    // So the kernel names a folder that was removed.
    const name = basename(folder).replace(/ \(deleted\)$/, '');
    if (name === basename(runsFrom) || isAbandoned(name)) await killed(cache, pid, signal);
  }
}

async function killed(cache: string, pid: number, signal: AbortSignal): Promise<void> {
  if (!(await hasEnded(cache, pid))) kill(pid);
  while (!(await hasEnded(cache, pid))) await wait(POLL_MS, undefined, { signal });
}

async function quit(folder: string, signal: AbortSignal): Promise<void> {
  if (!(await exists(folder))) return;
  const machine = await connectMachine(folder, signal);
  if (machine === null) return;
  const late = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => late.resolve(), { once: true });
  await Promise.race([machine[Symbol.asyncDispose](), late.promise]);
}

async function hasEnded(cache: string, pid: number): Promise<boolean> {
  return !(await runningMachines(cache)).some((machine) => machine.pid === pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself meanwhile.
    if (!isSystemError(error, 'ESRCH')) throw error;
  }
}
