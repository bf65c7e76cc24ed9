import { describe, expect, test } from 'vitest';
import { openFrame, probeFrames, type ProbeFrame } from '../../../server/clusters/probe-frames.ts';

async function framesOf(...chunks: Buffer[]): Promise<ProbeFrame[]> {
  const frames: ProbeFrame[] = [];
  for await (const frame of probeFrames(
    (async function* () {
      yield* chunks;
    })(),
  )) {
    frames.push(frame);
  }
  return frames;
}

describe('probeFrames', () => {
  const sent = Buffer.concat([
    Buffer.from('O\0\0\0\x07\0\0\0\0', 'latin1'),
    Buffer.from('D\0\0\0\x07\0\0\0\x02hi', 'latin1'),
    Buffer.from('W\0\0\0\x07\0\0\0\x04\0\0\x01\0', 'latin1'),
    Buffer.from('E\0\0\0\x07\0\0\0\0', 'latin1'),
    Buffer.from('C\0\0\x01\0\0\0\0\x12Connection refused', 'latin1'),
  ]);
  const frames: ProbeFrame[] = [
    { connection: 7, type: 'open' },
    { connection: 7, type: 'data', bytes: Buffer.from('hi') },
    { connection: 7, type: 'taken', count: 256 },
    { connection: 7, type: 'end' },
    { connection: 256, type: 'closed', reason: 'Connection refused' },
  ];

  test('reads what a probe says, wherever it was cut on its way', async () => {
    expect(await framesOf(sent)).toEqual(frames);
    for (let cut = 1; cut < sent.length; cut += 1) {
      expect(await framesOf(sent.subarray(0, cut), sent.subarray(cut))).toEqual(frames);
    }
  });

  test.each([
    ['instead of the program', '', 'OCI runtime exec failed: no such file or directory'],
    ['that is short', '', 'oops'],
    ['behind a frame', 'O\0\0\0\x07\0\0\0\0', 'oops'],
  ])('an engine’s word %s is an error with that word', async (_, before, said) => {
    await expect(framesOf(Buffer.from(`${before}${said}\r\n`, 'latin1'))).rejects.toThrow(said);
  });
});

test('where a connection leads is said in bytes', () => {
  expect(openFrame(1, { address: '172.16.0.2', port: 2377 }).toString('latin1')).toBe(
    'T\0\0\0\x01\0\0\0\x06\xac\x10\0\x02\x09\x49',
  );
  expect(openFrame(2, { socket: '/run/docker.sock' }).toString('latin1')).toBe(
    'U\0\0\0\x02\0\0\0\x10/run/docker.sock',
  );
});
