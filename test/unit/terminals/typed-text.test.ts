import { describe, expect, it } from 'vitest';
import { typedText } from '../../../server/terminals/typed-text.ts';

const typed = (text: string) => Buffer.from(typedText(text)).toString();

describe('a command block as it is typed', () => {
  it('ends with Enter, once', () => {
    expect(typed('docker ps')).toBe('docker ps\r');
    expect(typed('docker ps\n\n')).toBe('docker ps\r');
  });

  it('has Enter between its lines, also where the file has Windows line ends', () => {
    expect(typed('one\ntwo\r\n\nthree\n')).toBe('one\rtwo\r\rthree\r');
  });

  it('has no marks of a bracketed paste', () => {
    expect(typed('one\ntwo')).not.toContain('\x1b');
  });

  it('is UTF-8', () => {
    expect([...typedText('é')]).toEqual([0xc3, 0xa9, 0x0d]);
  });
});
