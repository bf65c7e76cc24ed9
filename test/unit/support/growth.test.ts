import { expect, it } from 'vitest';
import { growth } from '../../support/growth.ts';

/** Some work, and what it has come to, so that it is not left out. */
function steps(count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum = (sum * 31 + i) % 1_000_003;
  return sum;
}

it('what grows in proportion and what grows with the square are told apart', async () => {
  expect(await growth((size) => steps(size * 2000), 1700, 9)).toBeLessThan(9);
  expect(await growth((size) => steps(size * size), 3400, 9)).toBeGreaterThan(9);
}, 60_000);
