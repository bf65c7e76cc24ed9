import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lookout } from '../../../server/sessions/lookout.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Looks that take so long, each noted by when it began. */
function lookouts(lasting = 10) {
  const began: number[] = [];
  const given: AbortSignal[] = [];
  let atOnce = 0;
  const start = performance.now();
  const lookout = new Lookout(async (signal) => {
    expect((atOnce += 1)).toBe(1);
    began.push(Math.round(performance.now() - start));
    given.push(signal);
    await new Promise((resolve) => setTimeout(resolve, lasting));
    atOnce -= 1;
  });
  return { lookout, began, given };
}

describe('a lookout', () => {
  it('looks soon after something has happened, once for what comes together', async () => {
    const { lookout, began } = lookouts();
    lookout.touch();
    lookout.touch();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(began).toEqual([400]);
  });

  it('looks now and then where nothing happens', async () => {
    const { lookout, began } = lookouts();
    lookout.touch();
    await vi.advanceTimersByTimeAsync(130_000);
    expect(began).toEqual([400, 60_410, 120_420]);
  });

  it('keeps looks apart, however much happens', async () => {
    const { lookout, began } = lookouts();
    for (let i = 0; i < 100; i++) {
      lookout.touch();
      await vi.advanceTimersByTimeAsync(100);
    }
    const gaps = began.slice(1).map((at, index) => at - (began[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2_000);
    expect(began.length).toBeGreaterThan(3);
  });

  it('takes no more than a tenth of the time where looks take long', async () => {
    const { lookout, began } = lookouts(1_000);
    for (let i = 0; i < 600; i++) {
      lookout.touch();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(began.length).toBe(6);
  });

  it('never looks twice at once, and again for what has happened meanwhile', async () => {
    const { lookout, began } = lookouts(1_000);
    lookout.touch();
    await vi.advanceTimersByTimeAsync(900);
    lookout.touch();
    await vi.advanceTimersByTimeAsync(25_000);
    expect(began).toEqual([400, 11_400]);
  });

  it('gives up a look where it is held, and does not look before it is let go', async () => {
    const { lookout, began, given } = lookouts(1_000);
    lookout.touch();
    await vi.advanceTimersByTimeAsync(900);
    const work = lookout.hold(() => new Promise((resolve) => setTimeout(resolve, 120_000)));
    expect(given[0]?.aborted).toBe(true);
    lookout.touch();
    await vi.advanceTimersByTimeAsync(119_000);
    expect(began.length).toBe(1);
    await vi.advanceTimersByTimeAsync(10_000);
    await work;
    expect(began.length).toBe(2);
  });

  it('is over once it is disposed of', async () => {
    const { lookout, began } = lookouts();
    lookout.touch();
    lookout[Symbol.dispose]();
    lookout.touch();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(began).toEqual([]);
  });
});
