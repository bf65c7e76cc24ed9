import { cpus } from 'node:os';
import { expect, it } from 'vitest';
import { guestSize } from '../../../../server/engines/embedded/guest-shape.ts';

it('the guest has every core and between 2 and 8 GiB of memory, unless others are wished', () => {
  const { cores, memoryMiB } = guestSize();
  expect(cores).toBe(cpus().length);
  expect([memoryMiB >= 2048, memoryMiB <= 8192, memoryMiB % 256]).toEqual([true, true, 0]);
  expect(guestSize({ cores: 1 })).toEqual({ cores: 1, memoryMiB });
  expect(guestSize({ memoryMiB: 1500 })).toEqual({ cores, memoryMiB: 1500 });
});
