import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';

/** What is asked for; of an answer longer than `limit` bytes the rest is dropped. */
export type HttpRequest = { host: string; path: string; limit: number; signal: AbortSignal };

export type HttpAnswer = { status: number; body: Buffer; truncated: boolean };

/** One GET over a connection of its own, which ends with it. */
export async function httpGet(connection: Duplex, { limit, ...asked }: HttpRequest): Promise<HttpAnswer> {
  try {
    const response = await openGet(connection, asked);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size > limit) break;
    }
    const body = Buffer.concat(chunks).subarray(0, limit);
    return { status: response.statusCode ?? 0, body, truncated: size > limit };
  } catch (error) {
    asked.signal.throwIfAborted();
    throw error;
  } finally {
    connection.destroy();
  }
}

/** The answer to a GET from its beginning; whoever reads it destroys the connection. */
export function openGet(
  connection: Duplex,
  { host, path, signal }: Omit<HttpRequest, 'limit'>,
): Promise<IncomingMessage> {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const call = request({ createConnection: () => connection, host, path, signal }, resolve);
    call.on('error', reject);
    // Without a listener Node.js drops the connection and tells nobody.
    call.on('upgrade', () => reject(new Error('it went on in another protocol')));
    // Nobody has asked for any, and without end they would be read without end.
    call.on('information', () => call.destroy(new Error('it answers in parts that say nothing')));
    call.end();
  });
}
