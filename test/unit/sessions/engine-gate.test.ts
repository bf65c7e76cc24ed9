import { describe, expect, it } from 'vitest';
import type { EngineStatus } from '../../../server/protocol/index.ts';
import { EngineGate } from '../../../server/sessions/engine-gate.ts';
import { FakeProvisioner } from '../../support/fake-provisioner.ts';

const spec = { hosts: ['host01'] };
const NEVER = new AbortController().signal;
const REASON = { en: 'No room.' };

function setUp() {
  const { provision } = new FakeProvisioner();
  const gate = new EngineGate();
  const told: EngineStatus['status'][] = [];
  gate.subscribe(({ status }) => told.push(status));
  const ask = (signal = NEVER) => gate.provision(spec, () => undefined, signal);
  return { gate, told, ask, means: { provision, capacity: 1 } };
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

describe('who asks for a cluster', () => {
  it('waits for the engine, and gets one from it', async () => {
    const { gate, ask, means } = setUp();
    const asked = ask();
    gate.open(means);
    expect([...(await asked).hosts.keys()]).toEqual(['host01']);
  });

  it('is told why there will be none, also later', async () => {
    const { gate, ask } = setUp();
    const asked = ask();
    gate.fail(REASON);
    await expect(asked).rejects.toMatchObject({ code: 'engine_failed', message: 'No room.' });
    await expect(ask()).rejects.toMatchObject({ code: 'engine_failed' });
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
