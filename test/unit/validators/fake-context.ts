import type {
  CheckContext,
  Container,
  EngineView,
  HttpReply,
  Network,
  NetworkView,
  NoAnswer,
  RedisReply,
  Service,
  SwarmInfo,
  SwarmNode,
  Task,
  Verdict,
} from '../../../validators/kit/index.ts';

type Replace<T> = { -readonly [K in keyof T]: T[K] };

/** A cluster of two hosts as validators see it, in which every part can be set; time passes by sleeping only. */
export class FakeCheckContext implements CheckContext {
  readonly hosts = ['host01', 'host02'];
  readonly signal = new AbortController().signal;
  readonly info: Record<string, SwarmInfo> = {
    host01: { state: 'active', nodeId: 'node1', manager: true, error: '' },
    host02: { state: 'active', nodeId: 'node2', manager: false, error: '' },
  };
  nodes: SwarmNode[] = [
    { id: 'node1', hostname: 'host01', role: 'manager', state: 'ready', availability: 'active' },
    { id: 'node2', hostname: 'host02', role: 'worker', state: 'ready', availability: 'active' },
  ];
  services: Replace<Service>[] = [];
  tasks: Replace<Task>[] = [];
  networks: Replace<Network>[] = [];
  readonly containers: Record<string, Container[]> = { host01: [], host02: [] };
  readonly logs: Record<string, string> = {};
  /** What is asked over the network: from which host, where, and the path or the key. */
  readonly requests: { from: string; to: string; what: string }[] = [];
  httpReply: (from: string) => HttpReply | NoAnswer = () => ({ failure: 'Connection refused' });
  redisReply: () => RedisReply | NoAnswer = () => ({ failure: 'Connection refused' });
  /** Where each container is reached from its host. */
  readonly addresses: Record<string, string> = {};
  /** Called with the time each time that a validator has waited. */
  onWait: (now: number) => void = () => {};
  #now = 0;

  readonly clock = {
    now: () => this.#now,
    sleep: async (milliseconds: number) => {
      this.#now += milliseconds;
      this.onWait(this.#now);
    },
  };

  address = (host: string) => (host === 'host01' ? '172.16.0.11' : '172.16.0.12');

  network = (from: string): NetworkView => ({
    httpGet: async ({ address, port, path = '/' }) => {
      this.requests.push({ from, to: `${address}:${port}`, what: path });
      return this.httpReply(from);
    },
    redisGet: async ({ address, port }, key) => {
      this.requests.push({ from, to: `${address}:${port}`, what: key });
      return this.redisReply();
    },
  });

  engine(host: string): EngineView {
    const info = this.info[host];
    if (!info) throw new Error(`no host ${host}`);
    const managed = <T>(items: readonly T[]) => {
      if (!info.manager) throw new Error(`${host} is not a swarm manager`);
      return items;
    };
    return {
      swarm: async () => info,
      nodes: async () => managed(this.nodes),
      services: async () => managed(this.services),
      tasks: async () => managed(this.tasks),
      networks: async () => this.networks,
      containers: async () => this.containers[host] ?? [],
      containerHostname: async (id) => id.slice(0, 12),
      logs: async (id) => this.logs[id] ?? '',
      containerAddress: async (id) => this.addresses[id] ?? null,
    };
  }

  /** A replicated service with a running task on each of `nodes`. */
  addService(name: string, nodes: readonly string[], change: Partial<Service> = {}): Replace<Service> {
    const service: Replace<Service> = {
      id: `${name}-id`,
      name,
      mode: 'replicated',
      replicas: nodes.length,
      image: 'katacoda/docker-http-server:latest@sha256:0123',
      networks: [],
      ports: [],
      virtualIps: [],
      ...change,
    };
    this.services.push(service);
    for (const [index, nodeId] of nodes.entries()) {
      this.tasks.push({
        id: `${name}.${index + 1}`,
        serviceId: service.id,
        nodeId,
        state: 'running',
        desired: 'running',
        containerId: `${name}${index + 1}`.padEnd(64, 'c'),
        error: '',
      });
    }
    return service;
  }
}

/** The English reason of a `fail`, or the outcome where it is none. */
export const reason = (verdict: Verdict): string =>
  verdict.outcome === 'fail' ? verdict.reason.en : verdict.outcome;
