import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Budget } from '../../../server/access/budget.ts';
import { Pace } from '../../../server/sockets/pace.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A pace of 100 bytes at once and 10 a second, beyond which 50 may wait. */
function pace() {
  const acted: string[] = [];
  const budget = new Budget({ burst: 100, perSecond: 10 });
  const paced = new Pace({ owe: (bytes) => budget.owe('ann', bytes), most: 50 });
  const push = (name: string, bytes: number) => paced.push(bytes, () => acted.push(name));
  return { acted, push, paced };
}

it('lets through at once what is within what is allowed', () => {
  const { acted, push } = pace();
  expect([push('first', 60), push('second', 40)]).toEqual([true, true]);
  expect(acted).toEqual(['first', 'second']);
});

it('slows down what is more, and keeps its order', () => {
  const { acted, push } = pace();
  push('first', 90);
  push('second', 30);
  push('third', 1);
  expect(acted).toEqual(['first']);
  vi.advanceTimersByTime(1900);
  push('fourth', 9);
  expect(acted).toEqual(['first']);
  vi.advanceTimersByTime(100);
  expect(acted).toEqual(['first', 'second']);
  vi.advanceTimersByTime(100);
  expect(acted).toEqual(['first', 'second', 'third']);
  vi.advanceTimersByTime(900);
  expect(acted).toEqual(['first', 'second', 'third', 'fourth']);
});

it('takes no more than may wait', () => {
  const { acted, push } = pace();
  push('first', 100);
  expect([push('second', 50), push('third', 1)]).toEqual([true, false]);
  vi.advanceTimersByTime(60_000);
  expect(acted).toEqual(['first', 'second']);
});

it('lets nothing through any more once it was cleared', () => {
  const { acted, push, paced } = pace();
  push('first', 100);
  push('second', 1);
  push('third', 1);
  paced.clear();
  vi.advanceTimersByTime(60_000);
  expect(acted).toEqual(['first']);
});

it('takes no pieces without end either, where they have no bytes', () => {
  const { push } = pace();
  push('first', 100);
  push('second', 1);
  let taken = 0;
  while (taken < 100_000 && push('empty', 0)) taken += 1;
  expect(taken).toBeLessThan(10_000);
});
