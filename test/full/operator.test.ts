import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { DoctorReport } from '../../server/cli/doctor/finding.ts';
import { PsReport } from '../../server/cli/ps.ts';
import { LABELS } from '../../server/clusters/labels.ts';
import { readConfig } from '../../server/config.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { runningMachines } from '../../server/engines/embedded/running-machines.ts';
import { engineBeside } from '../../server/engines/embedded/start-embedded.ts';
import { drydock } from '../support/drydock-command.ts';
import { startDrydock } from '../support/drydock-process.ts';
import { LabClient } from '../support/lab-client.ts';

const MAIN = join(import.meta.dirname, '../../server/main.ts');
const MINUTE = 60_000;
const SLUG = 'swarm-load-balancing';
const { cache } = readConfig(process.env);

/** Hosts of clusters on the engine of the server that runs. */
async function hosts(): Promise<number> {
  const engine = await engineBeside(cache, 'server');
  if (engine === null) throw new Error('No engine is running.');
  const filters = { label: [LABELS.host] };
  return (await dockerClient(engine).listContainers({ all: true, filters })).length;
}

const report = async (): Promise<DoctorReport> =>
  DoctorReport.parse(JSON.parse((await drydock(cache, ['doctor', '--json'])).stdout));

describe('down', () => {
  test(
    'ends the engine, and the lab on it, that a server which was killed has left',
    async () => {
      const server = await startDrydock({ signal: AbortSignal.timeout(4 * MINUTE) });
      try {
        using learner = new LabClient(server.url, SLUG);
        await learner.start();
        const seen = PsReport.parse(JSON.parse((await drydock(cache, ['ps', '--json'])).stdout));
        expect(seen.labs).toMatchObject([{ scenario: SLUG, status: 'ready', viewers: 1 }]);
        process.kill(seen.server?.pid ?? 0, 'SIGKILL');
      } finally {
        // It was not ended as an operator does it.
        await expect(server[Symbol.asyncDispose]()).rejects.toThrow('did not end well');
      }
      expect(await runningMachines(cache)).toHaveLength(1);
      const engine = (await report()).findings.find(({ id }) => id === 'engine');
      expect(engine).toMatchObject({ state: 'warning', running: true, clusters: 1 });
      expect((await drydock(cache, ['clean', '--yes'])).exitCode).toBe(1);

      const { exitCode, stdout } = await drydock(cache, ['down']);
      expect([exitCode, stdout]).toEqual([
        0,
        'Ended an engine that was left running, and what ran on it.\nNothing of Drydock runs any more.',
      ]);
      expect(await runningMachines(cache)).toEqual([]);
      expect(existsSync(join(cache, 'engine-server'))).toBe(false);
      expect((await drydock(cache, ['down'])).stdout).toBe('Nothing is running.');
    },
    8 * MINUTE,
  );

  test(
    'ends a server that runs, and its lab and engine with it',
    async () => {
      await using server = await startDrydock({ signal: AbortSignal.timeout(4 * MINUTE) });
      using learner = new LabClient(server.url, SLUG);
      await learner.start();
      const { exitCode, stdout } = await drydock(cache, ['down']);
      expect([exitCode, stdout.split('\n')[0]]).toEqual([
        0,
        expect.stringContaining('Ending 1 lab and Drydock'),
      ]);
      // By itself: npm, which is about to end with it, takes a signal now for its own.
      expect(await server.ended).toBe('0');
      expect(await runningMachines(cache)).toEqual([]);
    },
    8 * MINUTE,
  );
});

describe('cluster', () => {
  test(
    'opens a shell on a fresh cluster on an engine of its own, ends with the shell’s code and leaves nothing',
    async () => {
      const { exitCode, stdout, stderr } = await drydock(cache, ['cluster', '--hosts', '1'], {
        input: 'echo I am $(hostname); exit 3\n',
      });
      expect([exitCode, stderr]).toEqual([3, expect.stringContaining('This is host01 of host01.')]);
      expect(stdout).toContain('I am host01');
      expect(await runningMachines(cache)).toEqual([]);
      expect(existsSync(join(cache, 'engine-server'))).toBe(false);
    },
    5 * MINUTE,
  );

  test(
    'uses the engine of a server that runs, and leaves that to it, also where it is killed',
    async () => {
      await using server = await startDrydock({ signal: AbortSignal.timeout(4 * MINUTE) });
      const { exitCode, stdout, stderr } = await drydock(cache, ['cluster'], {
        input: "ssh -n -o StrictHostKeyChecking=no host02 'echo I am $(hostname)'\n",
      });
      // The pipe’s end ends the shell.
      expect([exitCode, stdout, stderr]).toEqual([
        0,
        expect.stringContaining('I am host02'),
        expect.stringContaining('This is host01'),
      ]);
      // What is left are the hosts of the server's spare cluster.
      await expect.poll(hosts, { timeout: MINUTE }).toBe(2);
      const killed = spawn(process.execPath, [MAIN, 'cluster'], { stdio: ['pipe', 'ignore', 'pipe'] });
      for await (const line of createInterface({ input: killed.stderr })) {
        if (line.startsWith('This is host01')) break;
      }
      expect(await hosts()).toBe(4);
      killed.kill('SIGKILL');
      await expect.poll(hosts, { timeout: MINUTE }).toBe(2);
      expect((await fetch(server.url)).ok).toBe(true);
    },
    9 * MINUTE,
  );
});
