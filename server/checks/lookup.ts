import type { Duplex } from 'node:stream';
import { streamDecode, streamEncode } from 'dns-packet';
import { z } from 'zod';

const LONGEST_NAME = 253;
const HEADER = 2;
/** There is no such name: the second is Docker's answer where it knows none and has nobody to ask. */
const NO_SUCH_NAME = new Set(['NXDOMAIN', 'SERVFAIL']);

/** Part of what dns-packet decodes, which its types leave open. */
const Reply = z.object({
  rcode: z.string().optional(),
  answers: z.array(z.object({ type: z.string(), data: z.unknown() })).default([]),
});

/** One question for the IPv4 addresses of a name, over a connection of its own, which ends with it. */
export async function lookup(connection: Duplex, name: string): Promise<{ addresses: string[] }> {
  try {
    if (name.length > LONGEST_NAME) throw new Error('the name is too long');
    connection.write(streamEncode({ type: 'query', id: 1, flags: 0x100, questions: [{ type: 'A', name }] }));
    let received = Buffer.alloc(0);
    for await (const chunk of connection as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, chunk]);
      if (received.byteLength < HEADER || received.byteLength < HEADER + received.readUInt16BE()) continue;
      return addressesIn(received);
    }
    throw new Error('the name server ended the connection before it answered');
  } finally {
    connection.destroy();
  }
}

function addressesIn(answer: Buffer): { addresses: string[] } {
  const { rcode = 'NOERROR', answers } = Reply.parse(streamDecode(answer));
  if (NO_SUCH_NAME.has(rcode)) return { addresses: [] };
  if (rcode !== 'NOERROR') throw new Error(`the name server says ${rcode}`);
  const found = answers.filter(({ type }) => type === 'A').map(({ data }) => z.ipv4().parse(data));
  return { addresses: found };
}
