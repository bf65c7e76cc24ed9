import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BATCH_BYTES, BATCH_MS, Batches } from '../../../server/terminals/batches.ts';

const bytes = (text: string) => Buffer.from(text);

function open() {
  const said: unknown[] = [];
  const batches = new Batches({
    output: (from, data) => said.push([from, Buffer.from(data).toString()]),
    alive: (alive) => said.push(alive),
    lagged: () => said.push('lagged'),
  });
  return { said, batches };
}

describe('what a terminal prints', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('goes on at once after a rest, and what comes close behind it together', () => {
    const { said, batches } = open();
    batches.output(0, bytes('a'));
    expect(said).toEqual([[0, 'a']]);
    batches.output(1, bytes('b'));
    vi.advanceTimersByTime(BATCH_MS - 1);
    batches.output(2, bytes('c'));
    expect(said).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(said.slice(1)).toEqual([[1, 'bc']]);
    vi.advanceTimersByTime(BATCH_MS);
    batches.output(3, bytes('d'));
    expect(said.slice(2)).toEqual([[3, 'd']]);
  });

  it('is not held back once there is much of it', () => {
    const { said, batches } = open();
    batches.output(0, bytes('a'));
    batches.output(1, Buffer.alloc(BATCH_BYTES - 1, 'b'));
    expect(said).toHaveLength(1);
    batches.output(BATCH_BYTES, bytes('c'));
    expect(said[1]).toEqual([1, `${'b'.repeat(BATCH_BYTES - 1)}c`]);
  });

  it('comes before the word that its shell has ended, or that some of it is gone', () => {
    const { said, batches } = open();
    batches.output(0, bytes('a'));
    batches.output(1, bytes('b'));
    batches.alive(false);
    batches.output(2, bytes('c'));
    batches.lagged();
    expect(said).toEqual([[0, 'a'], [1, 'b'], false, [2, 'c'], 'lagged']);
  });

  it('is not sent to who no longer looks', () => {
    const { said, batches } = open();
    batches.output(0, bytes('a'));
    batches.output(1, bytes('b'));
    batches.drop();
    vi.runAllTimers();
    expect([said, vi.getTimerCount()]).toEqual([[[0, 'a']], 0]);
  });
});
