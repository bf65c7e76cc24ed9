import { describe, expect, it } from 'vitest';
import { FakeProvisioner } from '../../support/fake-provisioner.ts';
import { twoStepScenario } from '../../support/scenarios.ts';
import { settled } from '../../support/settled.ts';
import { readyEngine, testSessions } from '../../support/test-sessions.ts';

const LAB = twoStepScenario.slug;

/** With ada's lab ready, on an engine that holds so many, and its removal under way for as long as the test wants. */
async function setUp(capacity: number) {
  const provisioner = new FakeProvisioner();
  const means = provisioner.means(capacity);
  const engine = readyEngine(means);
  const { sessions } = testSessions({ provisioner, engine, terms: { queue: 5 } });
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
