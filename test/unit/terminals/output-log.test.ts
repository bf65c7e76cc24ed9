import { describe, expect, it } from 'vitest';
import { OutputLog } from '../../../server/terminals/output-log.ts';

const bytes = (text: string) => Buffer.from(text);

/** Everything that the log gives from byte `from` on. */
function readAll(log: OutputLog, from: number): string {
  const parts: Uint8Array[] = [];
  for (let at = from; at < log.end; at += parts.at(-1)?.byteLength ?? 0) parts.push(log.read(at));
  return Buffer.concat(parts).toString();
}

describe('the output log', () => {
  it('numbers bytes from the first one printed, whatever the sizes they came in', () => {
    const log = new OutputLog({ limit: 1024, chunkSize: 4 });
    for (const part of ['a', 'bcdefgh', '', 'ij']) log.append(bytes(part));
    expect([log.start, log.end]).toEqual([0, 10]);
    for (let from = 0; from <= 10; from++) expect(readAll(log, from)).toBe('abcdefghij'.slice(from));
  });

  it('forgets the oldest bytes by whole chunks and keeps the numbers of the others', () => {
    const log = new OutputLog({ limit: 10, chunkSize: 4 });
    log.append(bytes('0123456789'));
    expect(log.start).toBe(0);
    log.append(bytes('a'));
    expect([log.start, log.end]).toEqual([4, 11]);
    expect(readAll(log, 4)).toBe('456789a');
  });

  it('never keeps more than its limit, even of one piece larger than that', () => {
    const log = new OutputLog({ limit: 10, chunkSize: 4 });
    log.append(bytes('x'.repeat(95)));
    log.append(bytes('the end'));
    expect(log.end).toBe(102);
    expect(log.end - log.start).toBeLessThanOrEqual(10);
    expect(readAll(log, log.start).endsWith('the end')).toBe(true);
  });

  it('gives bytes that later output does not change', () => {
    const log = new OutputLog({ limit: 8, chunkSize: 4 });
    log.append(bytes('ab'));
    const given = log.read(0);
    log.append(bytes('cdefghijklmnop'));
    expect(Buffer.from(given).toString()).toBe('ab');
  });

  it('begins where it is told to', () => {
    const log = new OutputLog({ limit: 10, chunkSize: 4, start: 1_000 });
    expect([log.start, log.end]).toEqual([1_000, 1_000]);
    log.append(bytes('0123456789ab'));
    expect([log.start, log.end]).toEqual([1_004, 1_012]);
    expect(readAll(log, 1_006)).toBe('6789ab');
    expect(() => log.read(6)).toThrow(RangeError);
  });

  it('refuses numbers that are not in it', () => {
    const log = new OutputLog({ limit: 8, chunkSize: 4 });
    log.append(bytes('0123456789'));
    expect(() => log.read(log.start - 1)).toThrow(RangeError);
    expect(() => log.read(log.end + 1)).toThrow(RangeError);
    expect(log.read(log.end)).toHaveLength(0);
  });
});
