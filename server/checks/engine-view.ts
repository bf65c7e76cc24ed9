import type { z } from 'zod';
import type { EngineEvent, EngineView } from '../../validators/kit/index.ts';
import { splitOutput } from './docker-stream.ts';
import type { EngineClient } from './engine-client.ts';
import { eventsPath } from './engine-events.ts';
import * as schemas from './engine-schemas.ts';

/** The newest lines of a log that are asked for; the engine keeps longer ones in pieces of 16 KiB and a header. */
const LOG_LINES = 500;
const LOG_ANSWER = LOG_LINES * (16 * 1024 + 64);
/** Characters kept of each stream: what validators search. */
const LOG_LIMIT = 256 * 1024;
/** The network by which a host reaches the containers of its overlay networks, and they what is beyond. */
const HOST_NETWORK = 'docker_gwbridge';

const of = (id: string) => `/containers/${encodeURIComponent(id)}`;

/**
 * The looks that validators get through a host's Docker API.
 *
 * @param seen what has been seen of its events, where somebody looks on; otherwise the engine is asked
 */
export function engineView(client: EngineClient, seen?: () => readonly EngineEvent[]): EngineView {
  const look = async <T>(schema: z.ZodType<T>, path: string): Promise<T> => {
    const result = schema.safeParse(await client.get(path));
    if (result.success) return result.data;
    throw client.error(`its answer to ${path} is not what Docker answers`, result.error);
  };

  return {
    swarm: () => look(schemas.swarmInfo, '/info'),
    nodes: () => look(schemas.nodes, '/nodes'),
    services: () => look(schemas.services, '/services'),
    tasks: () => look(schemas.tasks, '/tasks'),
    networks: () => look(schemas.networks, '/networks'),
    containers: () => look(schemas.containers, '/containers/json?all=1'),
    containerPid: async (id) => (await look(schemas.containerPid, `${of(id)}/json`)) || null,
    events: async () => {
      if (seen !== undefined) return seen();
      const events: EngineEvent[] = [];
      for await (const event of client.events(eventsPath(0, Date.now() / 1000))) events.push(event);
      return events;
    },
    containerHostname: (id) => look(schemas.containerHostname, `${of(id)}/json`),
    logs: async (id) => {
      const path = `${of(id)}/logs?stdout=1&stderr=1&tail=${LOG_LINES}`;
      // Frames can be told apart from their beginning only: so all is read, and then the newest kept.
      const { stdout, stderr } = splitOutput(await client.getBytes(path, LOG_ANSWER));
      const streams = [stdout, stderr].filter((text) => text !== '');
      return streams.map((text) => text.slice(-LOG_LIMIT)).join('\n');
    },
    containerAddress: async (id) => {
      const addresses = await look(schemas.networkAddresses, `/networks/${HOST_NETWORK}`);
      return addresses.get(id) ?? null;
    },
  };
}
