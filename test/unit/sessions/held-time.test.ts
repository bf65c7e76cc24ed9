import { expect, it } from 'vitest';
import { twoStepScenario } from '../../support/scenarios.ts';
import { testSessions } from '../../support/test-sessions.ts';

const LAB = twoStepScenario.slug;

it('a lab that has lost its hosts can have others long after, with the time that it had left', async () => {
  const { sessions, provisioner } = testSessions({
    terms: { limit: { length: 2000, extensions: 0, extension: 1 } },
  });
  const view = () => sessions.get('ada', LAB);
  sessions.start('ada', LAB);
  await expect.poll(() => view()?.status, { interval: 1 }).toBe('ready');
  provisioner.cluster.lose.resolve('host02');
  await expect.poll(() => view()?.status, { interval: 1 }).toBe('failed');
  await expect.poll(() => (view()?.now ?? 0) > (view()?.time?.endsAt ?? Infinity)).toBe(true);
  sessions.reset('ada', LAB, true);
  await expect.poll(() => view()?.status, { interval: 1 }).toBe('ready');
  expect(view()?.time).toMatchObject({ extensionsLeft: 0 });
  // And no more than that.
  await expect.poll(() => view(), { interval: 1 }).toMatchObject({ status: 'ended', why: 'expired' });
}, 30_000);
