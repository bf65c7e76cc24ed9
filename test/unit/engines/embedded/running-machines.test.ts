import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { endMachines } from '../../../../server/engines/embedded/end-machines.ts';
import { runningMachines } from '../../../../server/engines/embedded/running-machines.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** A process that looks like a virtual machine from outside, but listens to nobody. */
async function startDeafMachine(folder: string, name = 'qemu-system-x86_64') {
  await mkdir(folder, { recursive: true });
  const child = spawn('sleep', ['60'], { cwd: folder, argv0: name, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await once(child, 'spawn');
  return {
    pid: child.pid,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const signal = () => AbortSignal.timeout(20_000);

describe('virtual machines', { timeout: 30_000 }, () => {
  it('are found below the cache folder that they run from, and no other process is', async () => {
    await using cache = await temporaryFolder();
    await using elsewhere = await temporaryFolder();
    const folder = join(cache.path, 'engine-server');
    await using machine = await startDeafMachine(folder);
    await using other = await startDeafMachine(elsewhere.path);
    await using shell = await startDeafMachine(folder, 'bash');
    expect([other.pid, shell.pid]).not.toContain(undefined);
    expect(await runningMachines(cache.path)).toEqual([{ pid: machine.pid, folder }]);
    expect(await runningMachines(join(cache.path, 'missing'))).toEqual([]);
  });

  it('that do not listen are killed, and what they were run from is removed', async () => {
    await using cache = await temporaryFolder();
    const folder = join(cache.path, 'engine-server');
    await using machine = await startDeafMachine(folder);
    await mkdir(join(cache.path, 'engine-test'));
    await mkdir(join(cache.path, 'guest-0123456789abcdef'));
    expect(await endMachines(cache.path, signal())).toEqual([{ pid: machine.pid, folder }]);
    expect(await machine.ended).toEqual([null, 'SIGKILL']);
    expect(await readdir(cache.path)).toEqual(['guest-0123456789abcdef']);
    expect(await endMachines(cache.path, signal())).toEqual([]);
  });
});
