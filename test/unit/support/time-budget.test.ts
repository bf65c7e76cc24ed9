import { expect, it } from 'vitest';
import { describeBudgets } from '../../support/time-budget.ts';

it('says what each suite took of its budget, and which took more', () => {
  const text = describeBudgets(
    new Map([
      ['unit', { from: 1000, to: 31_000 }],
      ['page', { from: 0, to: 180_000 }],
      ['mine', { from: 0, to: 60_000 }],
    ]),
  );
  expect(text.split('\n')).toEqual([
    'unit           0.5 min of 1 min',
    'page           3.0 min of 2.5 min, over its budget',
    'mine           1.0 min',
  ]);
});
