import { pino } from 'pino';
import { expect, it } from 'vitest';
import { SessionManager } from '../../../server/sessions/manager.ts';
import { openSessionStore } from '../../../server/sessions/store.ts';
import { NO_TERMS } from '../../../server/sessions/terms.ts';
import { OwnHostsGate } from '../../../server/sessions/own-hosts-gate.ts';
import { FakeProvisioner } from '../../support/fake-provisioner.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { twoStepScenario } from '../../support/scenarios.ts';
import { ScriptedChecks } from '../../support/scripted-checks.ts';

const LAB = twoStepScenario.slug;

it('a lab that has lost its hosts can have others long after, with the time that it had left', async () => {
  const provisioner = new FakeProvisioner();
  const sessions = new SessionManager({
    scenarios: new Map([[LAB, twoStepScenario]]),
    provision: provisioner.provision,
    adopt: provisioner.adopt,
    remove: provisioner.remove,
    requireRoom: () => undefined,
    ownHosts: new OwnHostsGate(),
    engineEnded: async () => false,
    store: openSessionStore(':memory:'),
    terms: { ...NO_TERMS, limit: { length: 2000, extensions: 0, extension: 1 } },
    openChecks: new ScriptedChecks().open,
    log: pino({ level: 'silent' }, new MemoryLog()),
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
