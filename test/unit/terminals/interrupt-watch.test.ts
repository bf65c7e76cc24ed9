import { describe, expect, it } from 'vitest';
import { InterruptWatch } from '../../../server/terminals/interrupt-watch.ts';

/** The number of the piece that completed the sign, counted from 1; 0 where none did. */
function seenAt(...pieces: string[]): number {
  const watch = new InterruptWatch();
  return pieces.findIndex((piece) => watch.sees(Buffer.from(piece))) + 1;
}

describe('the sign that Ctrl-C has been taken', () => {
  it('is ^C, a new line after it and the beginning of a prompt', () => {
    expect(seenAt('^C\r\n$ ')).toBe(1);
    expect(seenAt('^C', '\r\n$ ')).toBe(2);
    expect(seenAt('64 bytes from 10.0.0.1\r\n', '^C\r\n', '$')).toBe(3);
  });

  it('is seen in whatever pieces it comes', () => {
    expect(seenAt('x^', '^', 'C', '\r', '\n', '$')).toBe(6);
  });

  it('is not a new line before it, nor a part of it', () => {
    expect(seenAt('line\r\n^C')).toBe(0);
    expect(seenAt('^C\r\n')).toBe(0);
    expect(seenAt('^', '\n', 'C', '\n', '$')).toBe(0);
    expect(seenAt('行^\n', 'abC\n$')).toBe(0);
  });
});
