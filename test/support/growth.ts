/** Of less, what else a thread does is too much a part. */
const NOISE_MS = 20;
const TRIES = 4;

/**
 * How many times as long `work` keeps the processor with four times as much: some 4 where that grows in proportion, and 16
 * where it grows with the square; nothing is told of work that is done in less than `enough` times 20 ms. Of several tries
 * the best counts, until that is below `enough`; time that others have the processor for is not in it.
 */
export async function growth(work: (size: number) => unknown, size: number, enough: number): Promise<number> {
  // What is compiled at the first time is not in it either.
  await work(size);
  let [small, large] = [Infinity, Infinity];
  for (let tried = 0; tried < TRIES; tried++) {
    // One that was disturbed would make too little of the growth.
    for (let again = 0; again < 3; again++) small = Math.min(small, await processorTime(() => work(size)));
    large = Math.min(large, await processorTime(() => work(4 * size)));
    if (large < enough * Math.max(small, NOISE_MS)) break;
  }
  return large / Math.max(small, NOISE_MS);
}

/** In milliseconds, of this thread. */
async function processorTime(work: () => unknown): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
