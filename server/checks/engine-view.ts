import type { z } from 'zod';
import type { EngineView, Output } from '../../validators/kit/index.ts';
import { splitOutput } from './docker-stream.ts';
import type { EngineClient } from './engine-client.ts';
import { EngineError } from './engine-error.ts';
import * as schemas from './engine-schemas.ts';

/** The newest lines of a log that are asked for; the engine keeps longer ones in pieces of 16 KiB and a header. */
const LOG_LINES = 500;
const LOG_ANSWER = LOG_LINES * (16 * 1024 + 64);
/** Characters kept of each stream: what validators search. */
const LOG_LIMIT = 256 * 1024;
const OUTPUT_LIMIT = 64 * 1024;

const of = (id: string) => `/containers/${encodeURIComponent(id)}`;

/** The looks that validators get, made through a host's Docker API under one deadline. */
export function engineView(host: string, client: EngineClient, signal: AbortSignal): EngineView {
  const parsed = <T>(schema: z.ZodType<T>, path: string, raw: unknown): T => {
    const result = schema.safeParse(raw);
    if (result.success) return result.data;
    throw new EngineError(host, `its answer to ${path} is not what Docker answers`, { cause: result.error });
  };
  const look = async <T>(schema: z.ZodType<T>, path: string): Promise<T> =>
    parsed(schema, path, await client.get(path, signal));

  return {
    swarm: () => look(schemas.swarmInfo, '/info'),
    nodes: () => look(schemas.nodes, '/nodes'),
    services: () => look(schemas.services, '/services'),
    tasks: () => look(schemas.tasks, '/tasks'),
    networks: () => look(schemas.networks, '/networks'),
    containers: () => look(schemas.containers, '/containers/json?all=1'),
    containerHostname: (id) => look(schemas.containerHostname, `${of(id)}/json`),
    logs: async (id) => {
      const path = `${of(id)}/logs?stdout=1&stderr=1&tail=${LOG_LINES}`;
      // Frames can be told apart from their beginning only: so all is read, and then the newest kept.
      const { stdout, stderr } = splitOutput(await client.getBytes(path, LOG_ANSWER, signal));
      const streams = [stdout, stderr].filter((text) => text !== '');
      return streams.map((text) => text.slice(-LOG_LIMIT)).join('\n');
    },
    execIn: async (id, command): Promise<Output> => {
      const body = { Cmd: command, AttachStdout: true, AttachStderr: true };
      const created = parsed(schemas.createdExec, 'exec', await client.post(`${of(id)}/exec`, body, signal));
      const path = `/exec/${encodeURIComponent(created.Id)}`;
      const start = { Detach: false, Tty: false };
      const bytes = await client.postStream(`${path}/start`, start, OUTPUT_LIMIT, signal);
      const { ExitCode } = await look(schemas.endedExec, `${path}/json`);
      return { exitCode: ExitCode ?? -1, ...splitOutput(bytes) };
    },
  };
}
