import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { EngineEvent } from '../../validators/kit/index.ts';
import { event as eventSchema } from './engine-schemas.ts';
import { openGet } from './http-get.ts';

/** What checks are about; images and volumes come and go without a learner's doing. */
const TYPES = ['container', 'network', 'service', 'node'];
const LONGEST_LINE = 256 * 1024;
/** Far more than a cluster at work tells of. Whoever tells more is heard no faster, so that other labs are heard, too. */
const BYTES_A_SECOND = 256 * 1024;

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
    let free = performance.now();
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') yield eventSchema.parse(JSON.parse(line));
      if (rest.length > LONGEST_LINE) throw new Error('an event is too long');
      free = Math.max(free, performance.now()) + (1000 * chunk.length) / BYTES_A_SECOND;
      const ahead = free - performance.now();
      if (ahead > 1000) await delay(ahead, undefined, { signal, ref: false });
    }
    if (rest.trim() !== '') yield eventSchema.parse(JSON.parse(rest));
  } finally {
    connection.destroy();
  }
}
