import { createServer, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Engine } from '../../server/engines/engine.ts';
import { listen } from './listen.ts';
import { temporaryFolder } from './temporary-folder.ts';

/**
 * What happens to a request on its way: an answer of its own, so many milliseconds of delay, a wait for something that is
 * to happen before, or nothing.
 */
export type Fault =
  { status: number; message: string } | { delayMs: number } | { after: Promise<unknown> } | null;

/** An engine whose API is reached through somebody who can spoil it. */
export interface FaultyEngine extends Engine {
  /** Asked for each request. */
  fault: (method: string, path: string) => Fault;
  /** How many requests were spoilt. */
  readonly faults: number;
}

export async function faultyEngine(engine: Engine): Promise<FaultyEngine> {
  await using owned = new AsyncDisposableStack();
  const folder = owned.use(await temporaryFolder());
  const socketPath = join(folder.path, 'docker.sock');
  const backend = engine.environment.DOCKER_HOST.slice('unix://'.length);
  let faults = 0;
  const faulty: Pick<FaultyEngine, 'fault'> = { fault: () => null };
  /** Null where the request goes on. */
  const spoil = async ({ method = '', url = '' }: IncomingMessage) => {
    const fault = faulty.fault(method, url);
    if (fault === null) return null;
    faults += 1;
    if ('status' in fault) return fault;
    if ('after' in fault) await fault.after;
    else await wait(fault.delayMs);
    return null;
  };
  const server = createServer((incoming, outgoing) => {
    void spoil(incoming).then((fault) => {
      if (fault !== null) {
        incoming.resume();
        outgoing.writeHead(fault.status, { 'Content-Type': 'application/json' });
        return outgoing.end(JSON.stringify({ message: fault.message }));
      }
      const { method, url: path, headers } = incoming;
      const onward = request({ socketPath: backend, method, path, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
        answer.on('error', () => outgoing.destroy());
      });
      onward.on('error', () => outgoing.destroy());
      outgoing.on('close', () => onward.destroy());
      return incoming.pipe(onward);
    });
  });
  // A command's stream: its connection is handed over whole.
  server.on('upgrade', (incoming, socket, head) => {
    void spoil(incoming).then(() => {
      const onward = connect(backend);
      const { method, url, rawHeaders } = incoming;
      const headers = rawHeaders.map((word, index) => word + (index % 2 === 0 ? ': ' : '\r\n')).join('');
      onward.write(`${method} ${url} HTTP/1.1\r\n${headers}\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
      for (const [end, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        end.on('error', () => other.destroy());
        end.on('close', () => other.destroy());
      }
    });
  });
  owned.use(await listen(server, socketPath));
  owned.defer(() => server.closeAllConnections());
  const held = owned.move();
  return {
    ...engine,
    environment: { DOCKER_HOST: `unix://${socketPath}` },
    get fault() {
      return faulty.fault;
    },
    set fault(fault) {
      faulty.fault = fault;
    },
    get faults() {
      return faults;
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
