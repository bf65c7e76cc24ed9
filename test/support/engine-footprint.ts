import { readdir, readFile, readlink } from 'node:fs/promises';
import { execa } from 'execa';
import { dockerClient } from '../../server/engines/docker-client.ts';
import type { PrivateEngine } from './private-engine.ts';

/** What the kernel counts processor time in, on every platform that Linux knows. */
const MS_PER_TICK = 10;

/** What an engine takes of its machine, and what is on it. */
export type Footprint = {
  containers: number;
  networks: number;
  volumes: number;
  /** In the engine's own process namespace: itself and what stands for each container there. */
  processes: number;
  /** Of those processes. */
  openFiles: number;
  mounts: number;
  /** In KiB. */
  disk: number;
};

export async function footprintOf(engine: PrivateEngine): Promise<Footprint> {
  const docker = dockerClient(engine);
  const pids = await processesOf(engine);
  const [first] = pids;
  if (first === undefined) throw new Error('The engine does not run.');
  const files = await Promise.all(pids.map((pid) => readdir(`/proc/${pid}/fd`).catch(() => [])));
  const mounts = await readFile(`/proc/${first}/mountinfo`, 'utf8');
  // What goes while it is counted is no failure.
  const { stdout: disk } = await execa('du', ['-sxk', engine.data], { reject: false });
  return {
    containers: (await docker.listContainers({ all: true })).length,
    networks: (await docker.listNetworks()).length,
    volumes: (await docker.listVolumes()).Volumes.length,
    processes: pids.length,
    openFiles: files.flat().length,
    mounts: mounts.trim().split('\n').length,
    disk: Number.parseInt(disk, 10),
  };
}

/** The number on this machine of the engine that keeps everything in a folder. */
export async function enginePid(data: string): Promise<number> {
  const [pid] = await processesOf({ data });
  if (pid === undefined) throw new Error('The engine does not run.');
  return pid;
}

/** What the engine and what it stands for its containers with have taken of the processors; containers are not counted. */
export async function engineProcessorMs(engine: PrivateEngine): Promise<number> {
  const times = await Promise.all(
    (await processesOf(engine)).map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // After the program's name, which may have spaces: its own times and those of its children that have ended.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
    }),
  );
  return times.reduce((sum, ticks) => sum + ticks, 0) * MS_PER_TICK;
}

/** The processes of the namespace that has the engine's folder as its own, by their numbers on this machine. */
async function processesOf({ data }: Pick<PrivateEngine, 'data'>): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const details = await Promise.all(
    pids.map(async (pid) => ({
      pid,
      namespace: await readlink(`/proc/${pid}/ns/pid`).catch(() => ''),
      command: (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0'),
      mounts: await readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => ''),
    })),
  );
  const engine = details.find(
    ({ command, mounts }) => command[0]?.endsWith('dockerd') && mounts.includes(`${data} /var/lib/docker `),
  );
  if (engine === undefined) return [];
  const others = details.filter(({ pid, namespace }) => namespace === engine.namespace && pid !== engine.pid);
  return [engine.pid, ...others.map(({ pid }) => pid)];
}
