import type { Duplex } from 'node:stream';
import type { EngineEvent } from '../../validators/kit/index.ts';
import { event as eventSchema } from './engine-schemas.ts';
import { openGet } from './http-get.ts';

/** What checks are about; images and volumes come and go without a learner's doing. */
const TYPES = ['container', 'network', 'service', 'node'];
const LONGEST_LINE = 256 * 1024;

/** A query for events from `since` on, in seconds since 1970; of those before now the engine keeps the 256 newest. */
export const eventsPath = (since: number, until?: number): string =>
  `/events?since=${since}${until === undefined ? '' : `&until=${until}`}&filters=${encodeURIComponent(JSON.stringify({ type: TYPES }))}`;

/**
 * An engine's events as they happen, over a connection of its own, which ends with them. Throws where what comes is
 * not what Docker tells.
 */
export async function* engineEvents(
  connection: Duplex,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent, void, void> {
  try {
    const response = await openGet(connection, { host: 'docker', path, signal });
    if (response.statusCode !== 200) throw new Error(`${response.statusCode} for ${path}`);
    let rest = '';
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') yield eventSchema.parse(JSON.parse(line));
      if (rest.length > LONGEST_LINE) throw new Error('an event is too long');
    }
    if (rest.trim() !== '') yield eventSchema.parse(JSON.parse(rest));
  } finally {
    connection.destroy();
  }
}
