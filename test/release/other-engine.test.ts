import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { PsReport } from '../../server/cli/ps.ts';
import { readConfig } from '../../server/config.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { runningMachines } from '../../server/engines/embedded/running-machines.ts';
import { drydock } from '../support/drydock-command.ts';
import { emptyEngine } from '../support/empty-engine.ts';
import { wholeContents } from '../support/engine-contents.ts';
import { LabClient } from '../support/lab-client.ts';
import { launchServer } from '../support/server-process.ts';

const MINUTE = 60_000;
const SLUG = 'swarm-load-balancing';
const READY = /^Drydock is ready: (http\S+)$/m;
const { cache } = readConfig(process.env);

afterEach(async () => {
  await drydock(cache, ['down']);
  // What it knows of is gone with the test.
  await rm(join(cache, 'external-engines.json'), { force: true });
}, MINUTE);

const labs = async (): Promise<PsReport['labs']> =>
  PsReport.parse(JSON.parse((await drydock(cache, ['ps', '--json'])).stdout)).labs;

test(
  'a start on an engine of the user’s neither loses labs on Drydock’s own nor leaves that running beside',
  async () => {
    await using elsewhere = await emptyEngine();
    await using other = await elsewhere.run('own');
    const external = { DRYDOCK_ENGINE: 'external', DRYDOCK_SETUP: 'manual', ...other.environment };
    {
      await using server = launchServer({ DRYDOCK_SPARE_CLUSTERS: '0' });
      using learner = new LabClient(await server.until(READY), SLUG);
      await learner.start();
      await server.kill();
    }
    const before = await runningMachines(cache);
    expect(before).toHaveLength(1);
    {
      await using server = launchServer(external);
      expect(await server.exited).toBe(1);
      expect(server.said()).toMatch(
        /Labs are open on Drydock’s own engine.*DRYDOCK_ENGINE=embedded.*npm run drydock -- down/,
      );
    }
    expect(await runningMachines(cache)).toEqual(before);
    expect((await wholeContents(dockerClient(other))).images).toEqual([]);
    {
      await using server = launchServer({ DRYDOCK_SPARE_CLUSTERS: '0' });
      await server.until(READY);
      await expect.poll(labs, { timeout: 2 * MINUTE }).toMatchObject([{ scenario: SLUG, status: 'ready' }]);
      await drydock(cache, ['end', (await labs())[0]?.id ?? '']);
      await server.kill();
    }
    expect(await runningMachines(cache)).toEqual(before);
    // Nothing can be built on the other one here, so that this is as far as it gets.
    await using server = launchServer(external);
    expect(await server.exited).toBe(1);
    expect(server.said()).not.toContain('Labs are open');
    expect(await runningMachines(cache)).toEqual([]);
  },
  8 * MINUTE,
);
