import { describe, expect, it } from 'vitest';
import type { EngineStatus } from '../../../server/protocol/index.ts';
import { EngineGate } from '../../../server/sessions/engine-gate.ts';
import { LabError } from '../../../server/sessions/errors.ts';
import { FakeProvisioner } from '../../support/fake-provisioner.ts';

const spec = { slug: 'two-steps', hosts: ['host01'] };
const NEVER = new AbortController().signal;
const REASON = { en: 'No room.' };

function setUp() {
  const provisioner = new FakeProvisioner();
  const gate = new EngineGate();
  const told: EngineStatus['status'][] = [];
  gate.subscribe(({ status }) => told.push(status));
  const ask = (signal = NEVER) => gate.provision(spec, () => undefined, signal);
  return { gate, told, ask, provisioner, means: provisioner.means(1) };
}

describe('the status of the engine', () => {
  it('goes from preparing to ready, and not back', () => {
    const { gate, told, means } = setUp();
    gate.prepare({ stages: [], secondsLeft: 60 });
    expect(gate.status).toEqual({ status: 'preparing', again: false, stages: [], secondsLeft: 60 });
    gate.open(means);
    gate.prepare({ stages: [], secondsLeft: 5 });
    gate.fail(REASON);
    gate.open(means);
    expect(told).toEqual(['preparing', 'ready']);
  });

  it('goes back to preparing where the engine has ended by itself, and knows it', () => {
    const { gate, told, means, provisioner } = setUp();
    gate.open(means);
    gate.lose(means);
    gate.lose(means);
    gate.prepare({ stages: [], secondsLeft: 2 });
    expect(gate.status).toEqual({ status: 'preparing', again: true, stages: [], secondsLeft: 2 });
    gate.open(provisioner.means(1));
    // Told late of the one before.
    gate.lose(means);
    expect(told).toEqual(['ready', 'preparing', 'preparing', 'ready']);
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

describe('a cluster that is no lab', () => {
  it('has a place where there is one, which it takes from the labs until it is given back', () => {
    const { gate, provisioner } = setUp();
    gate.open(provisioner.means(2));
    expect(() => gate.takePlace(2)).toThrow('As many labs');
    const place = gate.takePlace(1);
    expect(gate.guests).toBe(1);
    expect(() => gate.requireRoom(1)).toThrow('As many labs');
    place[Symbol.dispose]();
    place[Symbol.dispose]();
    expect(gate.guests).toBe(0);
    gate.requireRoom(1);
  });

  it('has one also where it was left by an earlier start and is to be removed, until it is', async () => {
    const { gate, ask, means } = setUp();
    const removal = Promise.withResolvers<void>();
    await gate.remove('left-over');
    const early = ask();
    gate.open({ ...means, remove: () => removal.promise });
    await expect(early).rejects.toMatchObject({ code: 'capacity_exhausted' });
    expect(() => gate.requireRoom(0)).toThrow('As many labs');
    const room = new Promise<void>((resolve) => void gate.subscribeRoom(resolve));
    removal.reject(new Error('No such container'));
    await room;
    gate.requireRoom(0);
  });
});

describe('a scenario that the engine lacks something for', () => {
  it('is refused, and others are not', async () => {
    const { gate, ask, provisioner } = setUp();
    const asked = ask();
    gate.open(provisioner.means(9, ['two-steps']));
    await expect(asked).rejects.toMatchObject({ code: 'engine_outdated' });
    await expect(ask()).rejects.toMatchObject({ code: 'engine_outdated' });
    expect(() => gate.requireRoom(0, 'two-steps')).toThrow('newer engine');
    gate.requireRoom(0, 'another');
    expect(provisioner.requests).toBe(0);
  });
});

describe('what is not wanted any more', () => {
  it('is removed when there is an engine, and at once where there is', async () => {
    const { gate, provisioner, means } = setUp();
    const made = await Promise.all([1, 2].map(() => means.provision(spec, () => undefined, NEVER)));
    const [one, other] = made.map(({ id }) => id);
    await gate.remove(one ?? '');
    gate.open(means);
    await gate.remove(other ?? '');
    expect(provisioner.clusters.map(({ disposals }) => disposals)).toEqual([1, 1]);
  });
});

describe('who asks for a cluster', () => {
  it('gets it from the next engine where this one ends meanwhile, known or not yet known', async () => {
    const { gate, ask, provisioner, means, told } = setUp();
    gate.open(means);
    provisioner.hold();
    const asked = ask();
    provisioner.runs = false;
    provisioner.fail(new Error('connect ECONNREFUSED'));
    await expect.poll(() => gate.status.status).toBe('preparing');
    provisioner.runs = true;
    gate.open(provisioner.means(1));
    expect([...(await asked).hosts.keys()]).toEqual(['host01']);
    expect(told).toEqual(['ready', 'preparing', 'ready']);
  });

  it('hears what went wrong where the engine runs still', async () => {
    const { gate, ask, provisioner, means } = setUp();
    gate.open(means);
    provisioner.hold();
    const asked = ask();
    provisioner.fail(new Error('no space left on device'));
    await expect(asked).rejects.toThrow('no space left');
    expect(gate.status.status).toBe('ready');
  });

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
    const needy = gate.provision({ ...spec, slug: 'needy' }, () => undefined, NEVER);
    const asked = ask();
    expect(gate.unavailable('needy')).toBeNull();
    const lack = new LabError('scenario_unavailable', { en: 'No swarm here.' });
    gate.open({ ...means, lacks: new Map([['needy', lack]]) });
    await expect(needy).rejects.toMatchObject({ code: 'scenario_unavailable', message: 'No swarm here.' });
    expect((await asked).hosts.size).toBe(1);
    expect(gate.unavailable('needy')).toEqual({ en: 'No swarm here.' });
    expect(() => gate.requireRoom(0, 'needy')).toThrow('No swarm here.');
    gate.requireRoom(0, 'two-steps');
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
