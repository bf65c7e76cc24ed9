import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keepEngine } from '../../../server/cli/keep-engine.ts';
import { MemoryLog } from '../../support/memory-log.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const state = { labs: 0, leases: [] as number[] };
  const engine = { lease: async (seconds: number) => void state.leases.push(seconds) };
  const log = pino({ level: 'silent' }, new MemoryLog());
  const keep = () => keepEngine(engine, { openLabs: () => state.labs, hours: 1.5, log });
  return { state, engine, keep };
}

it('an engine is kept by a short lease, and by the one of the settings while labs are open, at once', async () => {
  const { state, keep } = setUp();
  using kept = await keep();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(state.leases).toEqual([300, 300]);
  state.labs = 1;
  await kept.renew();
  expect(state.leases).toEqual([300, 300, 5400]);
  state.labs = 0;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(state.leases.at(-1)).toBe(300);
});

it('an engine that does not take its lease is asked again, until nobody keeps it', async () => {
  const { state, engine, keep } = setUp();
  const { lease } = engine;
  engine.lease = () => Promise.reject(new Error('no answer'));
  const kept = await keep();
  engine.lease = lease;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(state.leases).toEqual([300]);
  kept[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.leases).toHaveLength(1);
});
