import { describe, expect, it } from 'vitest';
import { dataDiskGiB } from '../../../../server/engines/embedded/data-disk.ts';

const GIB = 2 ** 30;

/** The size that is chosen with so much free disk, where the given sizes are built. */
const chosen = (freeGiB: number, ...built: number[]) =>
  dataDiskGiB(
    '/cache',
    async (gib) => built.includes(gib),
    async () => freeGiB * GIB,
  );

describe('the disk of the guest’s engine', () => {
  it.each([
    [3, 8],
    [31, 8],
    [32, 16],
    [100, 32],
    [4000, 64],
  ])('with %d GiB free is of %d GiB', async (free, size) => {
    expect(await chosen(free)).toBe(size);
  });

  it('keeps the size that it was built with', async () => {
    expect(await chosen(4000, 16)).toBe(16);
    expect(await chosen(3, 16)).toBe(16);
  });
});
