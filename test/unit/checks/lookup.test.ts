import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { streamDecode, streamEncode } from 'dns-packet';
import { describe, expect, test } from 'vitest';
import { lookup } from '../../../server/checks/lookup.ts';

const answer = (rcode: number, ...addresses: string[]) =>
  streamEncode({
    type: 'response',
    id: 1,
    flags: rcode,
    questions: [{ type: 'A', name: 'http' }],
    answers: addresses.map((data) => ({ type: 'A', name: 'http', ttl: 600, data })),
  });

/** What is found where the name server says these bytes; with what it was asked. */
async function asked(...pieces: Uint8Array[]) {
  const [near, far] = duplexPair();
  const found = lookup(near, 'http');
  found.catch(() => undefined);
  const question: unknown = (await once(far, 'data'))[0];
  if (!Buffer.isBuffer(question)) throw new TypeError('The question is no bytes.');
  for (const piece of pieces) {
    far.write(piece);
    await new Promise(setImmediate);
  }
  if (pieces.length === 0) far.end();
  return { found: await found, question: streamDecode(question) };
}

describe('a look-up', () => {
  test('asks for the IPv4 addresses of the name', async () => {
    const { question } = await asked(answer(0, '10.0.1.2'));
    expect(question.questions).toMatchObject([{ type: 'A', name: 'http' }]);
  });

  test.each([
    ['an address', 0, ['10.0.1.2']],
    ['several', 0, ['10.0.1.3', '10.0.1.4']],
    ['none', 0, []],
  ])('gives %s', async (_name, rcode, addresses) => {
    expect((await asked(answer(rcode, ...addresses))).found).toEqual({ addresses });
  });

  test.each([3, 2])('takes code %i for a name that does not exist', async (rcode) => {
    expect((await asked(answer(rcode))).found).toEqual({ addresses: [] });
  });

  test('puts an answer in pieces together', async () => {
    const whole = answer(0, '10.0.1.2');
    const pieces = [whole.subarray(0, 1), whole.subarray(1, 20), whole.subarray(20)];
    expect((await asked(...pieces)).found).toEqual({ addresses: ['10.0.1.2'] });
  });

  test.each([
    ['refuses', [answer(5)], 'REFUSED'],
    ['hangs up', [], 'before it answered'],
    ['says something else', [Buffer.from('\0\u0004HTTP')], ''],
  ])('fails where the name server %s', async (_name, pieces, said) => {
    await expect(asked(...pieces)).rejects.toThrow(said);
  });
});
