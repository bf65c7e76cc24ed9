import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Absence } from '../../../server/sessions/absence.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

function setUp(grace: number | null = 100) {
  let told = 0;
  const absence = new Absence({ grace, onTooLong: () => (told += 1) });
  return { absence, told: () => told };
}

it('who waits may be away for a short while, as often as they like', () => {
  const { absence, told } = setUp();
  absence.queued = true;
  for (let each = 0; each < 5; each++) {
    absence.viewers = 0;
    vi.advanceTimersByTime(99);
    absence.viewers = 1;
    vi.advanceTimersByTime(1_000);
  }
  expect(told()).toBe(0);
  absence.viewers = 0;
  vi.advanceTimersByTime(100);
  expect(told()).toBe(1);
});

it('a turn that comes meanwhile gives nobody more time to come, and whoever has seen it may go', () => {
  const { absence, told } = setUp();
  absence.queued = true;
  vi.advanceTimersByTime(60);
  absence.queued = false;
  vi.advanceTimersByTime(40);
  expect(told()).toBe(1);
  const seen = setUp();
  seen.absence.queued = true;
  seen.absence.queued = false;
  seen.absence.viewers = 1;
  seen.absence.viewers = 0;
  vi.advanceTimersByTime(1_000);
  expect(seen.told()).toBe(0);
});

it('nobody is away who never waited, whose lab is over, or who may be away for ever', () => {
  const { absence, told } = setUp();
  absence.viewers = 0;
  const forever = setUp(null);
  forever.absence.queued = true;
  const over = setUp();
  over.absence.queued = true;
  over.absence[Symbol.dispose]();
  vi.advanceTimersByTime(1_000);
  expect([told(), forever.told(), over.told()]).toEqual([0, 0, 0]);
});
