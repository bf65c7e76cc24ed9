import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/** A virtual machine that runs, whoever started it and whether or not that one still lives. */
export type RunningMachine = { pid: number; folder: string };

/**
 * The virtual machines that run in folders below a cache folder. Found by their processes, whose working folder that
 * is, and not by their control sockets, which one at a time can hold. Those of other users are not seen.
 */
export async function runningMachines(cache: string): Promise<RunningMachine[]> {
  const root = await realpath(cache).catch(() => null);
  if (root === null) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid): Promise<RunningMachine[]> => {
      // It may have ended since, or be somebody else's.
      const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      if (!folder.startsWith(root + sep)) return [];
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return /qemu-system/.test(command) ? [{ pid: Number(pid), folder }] : [];
    }),
  );
  return found.flat();
}
