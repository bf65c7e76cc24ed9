import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { EngineGate } from '../../../server/sessions/engine-gate.ts';
import { SessionManager } from '../../../server/sessions/manager.ts';
import { openSessionStore } from '../../../server/sessions/store.ts';
import { NO_TERMS } from '../../../server/sessions/terms.ts';
import { OwnHostsGate } from '../../../server/sessions/own-hosts-gate.ts';
import { FakeProvisioner } from '../../support/fake-provisioner.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { twoStepScenario } from '../../support/scenarios.ts';
import { ScriptedChecks } from '../../support/scripted-checks.ts';
import { settled } from '../../support/settled.ts';

const LAB = twoStepScenario.slug;

/** With ada's lab ready, on an engine that holds so many, and its removal under way for as long as the test wants. */
async function setUp(capacity: number) {
  const provisioner = new FakeProvisioner();
  const engine = new EngineGate();
  const means = provisioner.means(capacity);
  engine.open(means);
  const sessions = new SessionManager({
    scenarios: new Map([[LAB, twoStepScenario]]),
    provision: engine.provision,
    adopt: engine.adopt,
    remove: engine.remove,
    requireRoom: engine.requireRoom,
    ownHosts: new OwnHostsGate(),
    engineEnded: engine.hasEnded,
    store: openSessionStore(':memory:'),
    terms: { ...NO_TERMS, queue: 5 },
    openChecks: new ScriptedChecks().open,
    log: pino({ level: 'silent' }, new MemoryLog()),
  });
  engine.countLabs(() => sessions.open);
  const status = (owner: string) => sessions.get(owner, LAB)?.status;
  sessions.start('ada', LAB);
  await expect.poll(() => status('ada'), { interval: 1 }).toBe('ready');
  const removal = Promise.withResolvers<void>();
  provisioner.cluster.removed = removal.promise;
  return { sessions, provisioner, engine, means, status, removed: removal.resolve };
}

describe('a lab that is reset', () => {
  it('has one place while its old hosts are removed and its new ones awaited', async () => {
    const { sessions, status, removed } = await setUp(2);
    sessions.reset('ada', LAB, true);
    expect(sessions.places).toBe(1);
    expect(sessions.start('bob', LAB).status).toBe('provisioning');
    expect(sessions.start('eve', LAB).status).toBe('queued');
    removed();
    await expect
      .poll(() => [status('ada'), status('bob'), status('eve')], { interval: 1 })
      .toEqual(['ready', 'ready', 'queued']);
    expect(sessions.places).toBe(2);
  });

  it('does not wait for the place that it has still itself, where it has lost a host', async () => {
    const { sessions, provisioner, status, removed } = await setUp(1);
    provisioner.cluster.lose.resolve('host02');
    await expect.poll(() => status('ada'), { interval: 1 }).toBe('failed');
    expect(sessions.start('bob', LAB).status).toBe('queued');
    expect([sessions.reset('ada', LAB, true).status, sessions.places]).toEqual(['provisioning', 1]);
    removed();
    await expect.poll(() => [status('ada'), status('bob')], { interval: 1 }).toEqual(['ready', 'queued']);
  });

  it('keeps the place until all is removed where it is ended meanwhile, and then gives it to the next', async () => {
    const { sessions, status, removed } = await setUp(1);
    sessions.reset('ada', LAB, true);
    sessions.end('ada', LAB);
    expect([sessions.places, sessions.start('bob', LAB).status]).toEqual([1, 'queued']);
    removed();
    await expect.poll(() => status('bob'), { interval: 1 }).toBe('ready');
  });

  it('has a place on the next engine, too, which nobody is given who waits for that one', async () => {
    const { sessions, provisioner, engine, means, status, removed } = await setUp(1);
    sessions.reset('ada', LAB, true);
    engine.lose(means);
    sessions.loseHosts();
    sessions.start('bob', LAB);
    await settled();
    engine.open(provisioner.means(1));
    await settled();
    expect(status('bob')).toBe('queued');
    removed();
    await expect.poll(() => [status('ada'), status('bob')], { interval: 1 }).toEqual(['ready', 'queued']);
    expect(provisioner.requests).toBe(2);
  });
});
