import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BATCH_MS, Batches } from '../../../server/terminals/batches.ts';
import { CHUNK_SIZE, OutputLog, type OutputLogOptions } from '../../../server/terminals/output-log.ts';

/** What is printed lies in a log, one behind the other. */
function open(options: OutputLogOptions = {}) {
  const said: unknown[] = [];
  const batches = new Batches({
    output: (from, data) => said.push([from, Buffer.from(data).toString()]),
    alive: (alive) => said.push(alive),
    lagged: () => said.push('lagged'),
  });
  const log = new OutputLog(options);
  const print = (text: string) => {
    const from = log.end;
    log.append(Buffer.from(text));
    for (let at = from; at < log.end; at += log.read(at).byteLength) batches.output(at, log.read(at));
  };
  return { said, batches, print };
}

describe('what a terminal prints', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('goes on at once after a rest, and what comes close behind it together', () => {
    const { said, print } = open();
    print('a');
    expect(said).toEqual([[0, 'a']]);
    print('b');
    vi.advanceTimersByTime(BATCH_MS - 1);
    print('c');
    expect(said).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(said.slice(1)).toEqual([[1, 'bc']]);
    vi.advanceTimersByTime(BATCH_MS);
    print('d');
    expect(said.slice(2)).toEqual([[3, 'd']]);
  });

  it('is not held back once there is much of it', () => {
    const { said, batches } = open();
    const printed = Buffer.alloc(CHUNK_SIZE + 1, 'b');
    batches.output(0, printed.subarray(0, 1));
    batches.output(1, printed.subarray(1, -1));
    expect(said).toHaveLength(1);
    batches.output(CHUNK_SIZE, printed.subarray(-1));
    expect(said[1]).toEqual([1, 'b'.repeat(CHUNK_SIZE)]);
  });

  it('is not put together with what lies elsewhere, as the next chunk of a log does', () => {
    const { said, print } = open({ chunkSize: 4 });
    print('a');
    print('bc');
    print('def');
    expect(said).toEqual([
      [0, 'a'],
      [1, 'bcd'],
    ]);
    vi.advanceTimersByTime(BATCH_MS);
    expect(said.slice(2)).toEqual([[4, 'ef']]);
  });

  it('comes before the word that its shell has ended, or that some of it is gone', () => {
    const { said, batches, print } = open();
    print('a');
    print('b');
    batches.alive(false);
    print('c');
    batches.lagged();
    expect(said).toEqual([[0, 'a'], [1, 'b'], false, [2, 'c'], 'lagged']);
  });

  it('is not sent to who no longer looks', () => {
    const { said, batches, print } = open();
    print('a');
    print('b');
    batches.drop();
    vi.runAllTimers();
    expect([said, vi.getTimerCount()]).toEqual([[[0, 'a']], 0]);
  });
});
