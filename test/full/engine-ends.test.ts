import { afterEach, expect, test } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { runningMachines } from '../../server/engines/embedded/running-machines.ts';
import { routes } from '../../server/protocol/index.ts';
import { drydock } from '../support/drydock-command.ts';
import { LabClient } from '../support/lab-client.ts';
import { launchServer } from '../support/server-process.ts';

const MINUTE = 60_000;
const SLUG = 'swarm-load-balancing';
const { cache } = readConfig(process.env);

afterEach(async () => void (await drydock(cache, ['down'])), MINUTE);

/** Kill the virtual machine, as the kernel does where memory runs out. */
async function killEngine(): Promise<number> {
  const [machine] = await runningMachines(cache);
  if (machine === undefined) throw new Error('No engine is running.');
  process.kill(machine.pid, 'SIGKILL');
  return machine.pid;
}

test(
  'an engine that is killed is replaced, its labs are told and can be started again; one that is killed again and again is not',
  async () => {
    await using server = launchServer();
    const url = await server.until(/^Drydock is ready: (http\S+)$/m);
    using learner = new LabClient(url, SLUG);
    await learner.start();

    const first = await killEngine();
    expect(await learner.untilEngine('preparing')).toMatchObject({ again: true });
    await expect
      .poll(() => learner.session)
      .toMatchObject({
        status: 'failed',
        reason: { en: expect.stringContaining('has ended unexpectedly') },
      });
    // At once: it waits for the engine that is being started.
    await learner.request('POST', routes.session(SLUG));
    await learner.untilEngine('ready');
    await expect.poll(() => learner.session?.status, { timeout: 4 * MINUTE }).toBe('ready');
    learner.screens.clear();
    learner.attach('host01');
    learner.type('host01', 'echo still $((40 + 2))\r');
    await learner.untilScreen('host01', ({ text }) => text.includes('still 42'));
    expect(await runningMachines(cache)).not.toMatchObject([{ pid: first }]);

    await killEngine();
    await learner.untilEngine('preparing');
    await learner.untilEngine('ready');
    await killEngine();
    expect(await learner.untilEngine('failed')).toMatchObject({
      reason: { en: expect.stringContaining('3 times within 10 minutes') },
    });
    expect(await server.exited).toBe(1);
    expect(server.said()).toContain('3 times within 10 minutes');
    expect(await runningMachines(cache)).toEqual([]);
  },
  12 * MINUTE,
);
