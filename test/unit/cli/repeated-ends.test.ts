import { expect, it } from 'vitest';
import { RepeatedEnds } from '../../../server/cli/repeated-ends.ts';

it('three ends within the time are too many, and as many over a longer one are not', () => {
  let now = 0;
  const ends = new RepeatedEnds(3, 1000, () => now);
  const after = (ms: number) => {
    now += ms;
    return ends.note();
  };
  expect([after(0), after(900), after(200), after(100)]).toEqual([false, false, false, true]);
});
