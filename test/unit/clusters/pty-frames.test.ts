import { describe, expect, it } from 'vitest';
import {
  attachFrame,
  hangUpFrame,
  holderFrames,
  inputFrames,
  resizeFrame,
  takenFrame,
  type HolderFrame,
} from '../../../server/clusters/pty-frames.ts';

/** A frame as a holder sends it. */
function frame(kind: string, body: Uint8Array | string): Buffer {
  const header = Buffer.alloc(5);
  header.write(kind);
  header.writeUInt32BE(Buffer.byteLength(body), 1);
  return Buffer.concat([header, Buffer.from(body)]);
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, size = bytes.byteLength): Promise<HolderFrame[]> {
  const frames: HolderFrame[] = [];
  for await (const next of holderFrames(inPieces(bytes, size))) frames.push(next);
  return frames;
}

const ALL = Buffer.concat([
  frame('F', Buffer.from([0, 0, 0, 5, 0, 0, 0, 7, 0, 0, 0, 5, 0, 0, 1, 0])),
  frame('O', '主机'),
  frame('O', ''),
  frame('O', 'F'),
  frame('X', Buffer.from([0, 0, 0, 137])),
  frame('N', ''),
  frame('E', 'no terminal'),
]);

const FRAMES: HolderFrame[] = [
  { type: 'from', from: 5 * 2 ** 32 + 7, printed: 5 * 2 ** 32 + 256 },
  { type: 'output', bytes: Buffer.from('主机') },
  { type: 'output', bytes: Buffer.from('') },
  { type: 'output', bytes: Buffer.from('F') },
  { type: 'exit', code: 137 },
  { type: 'none' },
  { type: 'error', reason: 'no terminal' },
];

describe('what a pty holder sends', () => {
  it.each([1, 2, 3, 5, 7, 1_000])('is read as the same frames in pieces of %i bytes', async (size) => {
    expect(await read(ALL, size)).toEqual(FRAMES);
  });

  it('is given on with the bytes that complete a frame, without waiting for more', async () => {
    const sent: string[] = [];
    async function* pieces() {
      for (const text of ['a', 'b']) {
        sent.push(text);
        yield frame('O', text);
      }
    }
    for await (const piece of holderFrames(pieces())) {
      expect(piece).toEqual({ type: 'output', bytes: Buffer.from(sent.at(-1) ?? '') });
    }
  });

  it('is refused with its text where it is something else, such as the complaint of an engine', async () => {
    await expect(read(Buffer.from('OCI runtime exec failed: no such file'))).rejects.toThrow(
      'OCI runtime exec failed: no such file',
    );
    await expect(read(frame('Z', 'new'))).rejects.toThrow('Z');
  });

  it('is understood of a holder that does not say how much was printed', async () => {
    expect(await read(frame('F', Buffer.from([0, 0, 0, 0, 0, 0, 1, 0])))).toEqual([
      { type: 'from', from: 256, printed: 256 },
    ]);
  });

  it.each([
    ['begins behind its end', [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 255]],
    ['has printed more than can be counted', [128, 0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0]],
    ['does not say where it begins', [0, 0, 0, 1]],
  ])('is refused where it %s', async (_what, numbers) => {
    await expect(read(frame('F', Buffer.from(numbers)))).rejects.toThrow('not what its pty holder says');
  });

  it('is refused where it ends inside a frame', async () => {
    await expect(read(ALL.subarray(0, -1))).rejects.toThrow('no termina');
  });
});

describe('what is sent to a pty holder', () => {
  it('has a letter, a length and numbers with the highest byte first', () => {
    const hex = (sent: Buffer) => sent.toString('hex');
    expect(hex(attachFrame(5 * 2 ** 32 + 7, 258))).toBe('410000000c000000050000000700000102');
    expect(hex(takenFrame(256))).toBe('54000000080000000000000100');
    expect(hex(resizeFrame({ columns: 300, rows: 24 }))).toBe('5200000004012c0018');
    expect(hex(hangUpFrame())).toBe('4800000000');
  });

  it('has input in pieces that a holder takes', () => {
    const data = Buffer.alloc(40_000, 'abc');
    const sent = inputFrames(data);
    const pieces: Buffer[] = [];
    for (let at = 0; at < sent.byteLength;) {
      const length = sent.readUInt32BE(at + 1);
      expect([sent.toString('latin1', at, at + 1), length <= 16_384]).toEqual(['I', true]);
      pieces.push(sent.subarray(at + 5, at + 5 + length));
      at += 5 + length;
    }
    expect(Buffer.concat(pieces).equals(data)).toBe(true);
  });
});
