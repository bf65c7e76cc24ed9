import { freeDisk } from '../disk-space.ts';

const GIB = 2 ** 30;
/** In GiB, the largest first. Few, so that one that was built before is found again. */
const SIZES = [64, 32, 16, 8] as const;
const SMALLEST = 8;

/**
 * The size of the disk that the guest's engine keeps its data on, in GiB: the largest that half of the free disk could
 * hold, as it costs what is written to it. One that was built before keeps its size, however much is free by now.
 *
 * @param isBuilt whether there is one of so many GiB
 * @param free how many bytes are free in a folder
 */
export async function dataDiskGiB(
  cache: string,
  isBuilt: (gib: number) => Promise<boolean>,
  free: (folder: string) => Promise<number> = freeDisk,
): Promise<number> {
  for (const size of SIZES) if (await isBuilt(size)) return size;
  const half = (await free(cache)) / GIB / 2;
  return SIZES.find((size) => size <= half) ?? SMALLEST;
}
