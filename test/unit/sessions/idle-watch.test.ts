import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { IdleWatch } from '../../../server/sessions/idle-watch.ts';

// A busy machine may stand still for longer than any of these times.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function setUp(idleAfter: number | null, longIdleAfter: number | null) {
  const told: string[] = [];
  const onIdle = () => void told.push('idle');
  const onLongIdle = () => void told.push('long');
  return { watch: new IdleWatch({ idleAfter, longIdleAfter, onIdle, onLongIdle }), told };
}

it('a session that nobody looks at is idle after one time, and for long after another', () => {
  const { watch, told } = setUp(40, 80);
  watch.start();
  vi.advanceTimersByTime(39);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual(['idle']);
  vi.advanceTimersByTime(79);
  expect(told).toEqual(['idle']);
  vi.advanceTimersByTime(1);
  expect(told).toEqual(['idle', 'long']);
});

it('what happens puts that off, however often, and somebody who looks for as long as they do', () => {
  const { watch, told } = setUp(60, null);
  watch.start();
  watch.viewers = 1;
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual([]);
  watch.viewers = 0;
  for (let happened = 0; happened < 20; happened++) {
    vi.advanceTimersByTime(50);
    watch.active();
  }
  vi.advanceTimersByTime(59);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual(['idle']);
});

it('a session that is looked at again after it was idle can be idle again, and none is before it starts', () => {
  const { watch, told } = setUp(20, 10_000);
  watch.viewers = 0;
  vi.advanceTimersByTime(60);
  expect(told).toEqual([]);
  watch.start(20);
  expect(told).toEqual(['idle']);
  watch.viewers = 1;
  watch.viewers = 0;
  vi.advanceTimersByTime(20);
  expect(told).toEqual(['idle', 'idle']);
});

it('a session that has ended is told of nothing any more', () => {
  const { watch, told } = setUp(20, 20);
  watch.start();
  watch[Symbol.dispose]();
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual([]);
});
