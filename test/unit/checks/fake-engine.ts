import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import type { Cluster, Host } from '../../../server/clusters/cluster.ts';

/** Answers one request; what it gives is sent as JSON. Undefined leaves the request without an answer. */
export type Answer = (path: string, request: IncomingMessage, response: ServerResponse) => unknown;

/** A cluster of one host whose engine is a real HTTP server at the other end of a raw stream. */
export function fakeEngine(answer: Answer) {
  const open: Duplex[] = [];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(`${request.method} ${path}`);
    const body = answer(path, request, response);
    if (body === undefined || response.headersSent) return;
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(body));
  });
  let dials = 0;
  const host: Host = {
    name: 'host01',
    address: '172.16.0.11',
    exec: async () => ({ exitCode: 0, stdout: '', stderr: '', truncated: false }),
    openPty: () => Promise.reject(new Error('no terminals here')),
    attachPty: () => Promise.reject(new Error('no terminals here')),
    dialEngine: async () => {
      dials += 1;
      const [near, far] = duplexPair();
      open.push(far);
      server.emit('connection', far);
      return near;
    },
    untilDialling: async () => undefined,
    dial: () => Promise.reject(new Error('Connection refused')),
    enter: () => Promise.reject(new Error('no processes here')),
    runScript: () => Promise.reject(new Error('no scripts here')),
    readFile: async () => null,
  };
  const cluster: Cluster = {
    id: 'fake',
    hosts: new Map([['host01', host]]),
    openAhead: async () => undefined,
    freeze: async () => undefined,
    untilHostLost: () => new Promise(() => undefined),
    thaw: async () => undefined,
    [Symbol.asyncDispose]: async () => {
      for (const stream of open) stream.destroy();
    },
  };
  return {
    cluster,
    host,
    asked,
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
    dials: () => dials,
  };
}

const SWARM = { LocalNodeState: 'active', NodeID: 'node1', ControlAvailable: true, Error: '' };
const NODE = {
  ID: 'node1',
  Spec: { Role: 'worker', Availability: 'active' },
  Description: { Hostname: 'host01' },
  Status: { State: 'ready' },
};

/** An engine of a swarm in which `swarm-joined` with the one host as its own worker passes. */
export const joined: Answer = (path) => (path === '/info' ? { Swarm: SWARM } : [NODE]);
export const JOINED = {
  validator: 'swarm-joined',
  params: { manager: 'host01', workers: ['host01'] },
  title: { en: 'joined' },
  files: new Map<string, string>(),
};
