import { describe, expect, it } from 'vitest';
import type { EngineStatus } from '../../../server/protocol/index.ts';
import { EngineGate } from '../../../server/sessions/engine-gate.ts';
import { FakeProvisioner } from '../../support/fake-provisioner.ts';

const spec = { hosts: ['host01'] };
const NEVER = new AbortController().signal;
const REASON = { en: 'No room.' };

function setUp() {
  const { provision, adopt } = new FakeProvisioner();
  const gate = new EngineGate();
  const told: EngineStatus['status'][] = [];
  gate.subscribe(({ status }) => told.push(status));
  const ask = (signal = NEVER) => gate.provision(spec, () => undefined, signal);
  return { gate, told, ask, means: { provision, adopt, capacity: 1 } };
}

describe('the status of the engine', () => {
  it('goes from preparing to ready, and not back', () => {
    const { gate, told, means } = setUp();
    gate.prepare({ stages: [], secondsLeft: 60 });
    expect(gate.status).toEqual({ status: 'preparing', stages: [], secondsLeft: 60 });
    gate.open(means);
    gate.prepare({ stages: [], secondsLeft: 5 });
    gate.fail(REASON);
    gate.open(means);
    expect(told).toEqual(['preparing', 'ready']);
  });

  it('that has failed stays failed', () => {
    const { gate, told, means } = setUp();
    gate.fail(REASON);
    gate.open(means);
    gate.prepare({ stages: [], secondsLeft: 5 });
    expect([told, gate.status]).toEqual([['failed'], { status: 'failed', reason: REASON }]);
  });
});

describe('whoever wants to begin', () => {
  it('may while it is being prepared, then where there is room, and not where it has failed', () => {
    const { gate, means } = setUp();
    gate.requireRoom(99);
    gate.open(means);
    gate.requireRoom(0);
    expect(() => gate.requireRoom(1)).toThrow('As many labs');
    const { gate: other } = setUp();
    other.fail(REASON);
    expect(() => other.requireRoom(0)).toThrow('No room.');
  });
});

describe('who asks for a cluster', () => {
  it('waits for the engine, and gets one from it', async () => {
    const { gate, ask, means } = setUp();
    const asked = ask();
    gate.open(means);
    expect([...(await asked).hosts.keys()]).toEqual(['host01']);
  });

  it('has a place before all others where it is there already', async () => {
    const { gate, ask, means } = setUp();
    const asked = ask();
    const adopted = gate.adopt('gone', ['host01'], NEVER);
    gate.open(means);
    expect(await adopted).toBeNull();
    await expect(asked).rejects.toMatchObject({ code: 'capacity_exhausted' });
  });

  it('is refused what the engine turns out to lack, and takes nobody’s place', async () => {
    const { gate, ask, means } = setUp();
    const needy = gate.provision({ ...spec, needs: ['swarm'] }, () => undefined, NEVER);
    const asked = ask();
    expect(gate.unavailable(['swarm'])).toBeNull();
    gate.open({ ...means, lacking: new Map([['swarm', { en: 'No swarm here.' }]]) });
    await expect(needy).rejects.toMatchObject({ code: 'scenario_unavailable', message: 'No swarm here.' });
    expect((await asked).hosts.size).toBe(1);
    expect(gate.unavailable(['swarm'])).toEqual({ en: 'No swarm here.' });
    expect(() => gate.requireRoom(0, ['swarm'])).toThrow('No swarm here.');
    gate.requireRoom(0, []);
  });

  it('can stop waiting, before or after it has begun', async () => {
    const { gate, ask, means } = setUp();
    const stop = new AbortController();
    const asked = ask(stop.signal);
    stop.abort(new Error('no more'));
    await expect(asked).rejects.toThrow('no more');
    await expect(ask(stop.signal)).rejects.toThrow('no more');
    const other = ask();
    gate.open(means);
    await other;
  });
});
