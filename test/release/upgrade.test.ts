import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { DoctorReport } from '../../server/cli/doctor/finding.ts';
import { readConfig } from '../../server/config.ts';
import { freePort } from '../../server/engines/embedded/free-port.ts';
import { runFolder } from '../../server/engines/embedded/run-folder.ts';
import { runningMachines } from '../../server/engines/embedded/running-machines.ts';
import { routes } from '../../server/protocol/index.ts';
import { drydock } from '../support/drydock-command.ts';
import { LabClient } from '../support/lab-client.ts';
import { launchServer } from '../support/server-process.ts';

const MINUTE = 60_000;
const SLUG = 'swarm-load-balancing';
const READY = /^Drydock is ready: (http\S+)$/m;
const { cache } = readConfig(process.env);

afterEach(async () => void (await drydock(cache, ['down'])), MINUTE);

/** Make the engine that runs one of an earlier version, which had not all of the images. */
async function age(): Promise<void> {
  const file = join(runFolder(cache, 'server'), 'engine.json');
  const record = JSON.parse(await readFile(file, 'utf8'));
  const inputs = record.build.inputs.filter((input: string) => !input.startsWith('redis'));
  expect(inputs.length).toBeLessThan(record.build.inputs.length);
  await writeFile(file, JSON.stringify({ ...record, build: { id: 'snapshot-of-before', inputs } }));
}

async function engineFinding() {
  const { stdout } = await drydock(cache, ['doctor', '--json']);
  return DoctorReport.parse(JSON.parse(stdout)).findings.find(({ id }) => id === 'engine');
}

test(
  'labs that are open on an engine of an earlier version go on, new ones are refused in words, and without labs it is replaced',
  async () => {
    const port = String(await freePort());
    const launch = () => launchServer({ DRYDOCK_PORT: port, DRYDOCK_SPARE_CLUSTERS: '0' });
    using learner = new LabClient(`http://127.0.0.1:${port}`, SLUG);
    using other = new LabClient(`http://127.0.0.1:${port}`, SLUG);
    {
      await using server = launch();
      await server.until(READY);
      await learner.start();
      expect(await engineFinding()).toMatchObject({ state: 'ok', outdated: false });
      await server.kill();
    }
    await age();
    const before = await runningMachines(cache);
    {
      await using server = launch();
      await server.until(READY);
      expect(server.said()).toContain('of an earlier version');
      await learner.connect();
      await learner.until('ready');
      await other.request('GET', routes.scenarios());
      expect(await other.request('POST', routes.session(SLUG))).toMatchObject({
        status: 503,
        body: { error: 'engine_outdated', message: { 'zh-CN': expect.any(String) } },
      });
      expect(await engineFinding()).toMatchObject({ state: 'warning', outdated: true });
      await learner.request('DELETE', routes.session(SLUG));
      await server.kill();
    }
    expect(await runningMachines(cache)).toEqual(before);
    await using server = launch();
    await server.until(READY);
    expect(await runningMachines(cache)).not.toEqual(before);
    expect(await engineFinding()).toMatchObject({ state: 'ok', outdated: false });
    await other.start();
  },
  15 * MINUTE,
);
