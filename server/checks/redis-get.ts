import type { Duplex } from 'node:stream';
import type { RedisReply } from '../../validators/kit/index.ts';

const ANSWER_LIMIT = 64 * 1024;
const LONGEST_ERROR = 200;

/** One GET of a key over a connection of its own, which ends with it. Rejects where that ends before the answer. */
export async function redisGet(connection: Duplex, key: string): Promise<RedisReply> {
  try {
    connection.write(`*2\r\n$3\r\nGET\r\n$${Buffer.byteLength(key)}\r\n${key}\r\n`);
    let received: Buffer = Buffer.alloc(0);
    for await (const chunk of connection as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, chunk]);
      const reply = parseReply(received);
      if (reply) return reply;
      if (received.byteLength > ANSWER_LIMIT) throw new Error('Redis gave an answer that is too long.');
    }
    throw new Error('Redis ended the connection before it answered.');
  } finally {
    connection.destroy();
  }
}

/** See the Redis serialization protocol; undefined while some of it is still to come. */
function parseReply(bytes: Buffer): RedisReply | undefined {
  const lineEnd = bytes.indexOf('\r\n');
  if (lineEnd < 0) return undefined;
  const line = bytes.toString('utf8', 1, lineEnd);
  switch (bytes.toString('latin1', 0, 1)) {
    case '-':
      return { error: line.slice(0, LONGEST_ERROR) };
    case '$': {
      const length = Number(line);
      if (length === -1) return { value: null };
      const start = lineEnd + 2;
      if (bytes.byteLength < start + length + 2) return undefined;
      return { value: bytes.toString('utf8', start, start + length) };
    }
    default:
      throw new Error(`What answered is not Redis: ${bytes.toString('utf8', 0, Math.min(lineEnd, 100))}`);
  }
}
