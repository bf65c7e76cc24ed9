import type {
  Addresses,
  Container,
  EngineEvent,
  EngineView,
  HostFile,
  HttpReply,
  Network,
  NetworkView,
  NoAnswer,
  RedisReply,
  ScriptResult,
  Service,
  SwarmInfo,
  SwarmNode,
  Task,
} from './cluster-view.ts';
import type { CheckContext } from './context.ts';
import type { Verdict } from './verdict.ts';

type Settable<T> = { -readonly [K in keyof T]: T[K] };

/** Who asks over the network: a host, or a container on it. */
export type Asker = { host: string; container?: string };

const REFUSED: NoAnswer = { failure: 'Connection refused' };

/**
 * A cluster in memory, for the unit tests of validators: two hosts, host01 and host02, in one swarm, node1 and node2, with
 * nothing on it. A test sets what it needs to be otherwise and runs the check: `await check.run(new FakeCluster(), params)`.
 * Time passes by sleeping only, so that a check which waits takes none.
 */
export class FakeCluster implements CheckContext {
  readonly hosts = ['host01', 'host02'];
  readonly signal: AbortSignal = new AbortController().signal;
  patient = true;
  readonly info: Record<string, SwarmInfo> = {
    host01: { state: 'active', nodeId: 'node1', manager: true, error: '' },
    host02: { state: 'active', nodeId: 'node2', manager: false, error: '' },
  };
  nodes: SwarmNode[] = [
    { id: 'node1', hostname: 'host01', role: 'manager', state: 'ready', availability: 'active' },
    { id: 'node2', hostname: 'host02', role: 'worker', state: 'ready', availability: 'active' },
  ];
  services: Settable<Service>[] = [];
  tasks: Settable<Task>[] = [];
  networks: Settable<Network>[] = [];
  /** By host. */
  readonly containers: Record<string, Container[]> = { host01: [], host02: [] };
  /** By host. */
  readonly events: Record<string, EngineEvent[]> = { host01: [], host02: [] };
  /** By container. */
  readonly logs: Record<string, string> = {};
  /** Where each container is reached from its host. */
  readonly addresses: Record<string, string> = {};
  /** By host and path, as `host01:/root/note.txt`. */
  readonly files: Record<string, HostFile> = {};
  /** What was asked over the network: by whom, where, and the path, key or name. */
  readonly requests: { from: string; to: string; what: string }[] = [];
  httpReply: (from: Asker, path: string) => HttpReply | NoAnswer = () => REFUSED;
  redisReply: (from: Asker) => RedisReply | NoAnswer = () => REFUSED;
  lookupReply: (from: Asker, name: string) => Addresses | NoAnswer = () => ({ addresses: [] });
  scriptResult: (host: string, name: string) => ScriptResult = () => ({
    exitCode: 0,
    stdout: '',
    stderr: '',
  });
  /** Called with the time each time that a check has waited. */
  onWait: (now: number) => void = () => {};
  #now = 0;

  readonly clock = {
    now: () => this.#now,
    sleep: async (milliseconds: number) => {
      this.#now += milliseconds;
      this.onWait(this.#now);
    },
  };

  address(host: string): string {
    return `172.16.0.1${this.#known(host).slice(-1)}`;
  }

  network(host: string): NetworkView {
    return this.#networkOf({ host: this.#known(host) });
  }

  inside(host: string, container: string): NetworkView {
    return this.#networkOf({ host: this.#known(host), container });
  }

  async file(host: string, path: string): Promise<HostFile | null> {
    return this.files[`${this.#known(host)}:${path}`] ?? null;
  }

  async script(host: string, name: string): Promise<ScriptResult> {
    return this.scriptResult(this.#known(host), name);
  }

  engine(host: string): EngineView {
    const info = this.info[this.#known(host)];
    if (info === undefined) throw new Error(`${host} has no state`);
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
      events: async () => this.events[host] ?? [],
      containerHostname: async (id) => id.slice(0, 12),
      containerPid: async () => 1000,
      logs: async (id) => this.logs[id] ?? '',
      containerAddress: async (id) => this.addresses[id] ?? null,
    };
  }

  /** A replicated service with a running task on each of `nodes`. */
  addService(name: string, nodes: readonly string[], change: Partial<Service> = {}): Settable<Service> {
    const service: Settable<Service> = {
      id: `${name}-id`,
      name,
      mode: 'replicated',
      replicas: nodes.length,
      image: 'katacoda/docker-http-server:latest@sha256:0123',
      endpointMode: 'vip',
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
        image: service.image,
        error: '',
      });
    }
    return service;
  }

  /** What the engine of a host says of `docker run`: with --rm, where the container is not put into `containers`. */
  addRun(
    host: string,
    run: { name: string; image: string; command?: string; network?: string; exitCode?: number },
  ) {
    const { name, image, command, network, exitCode } = run;
    const id = name.padEnd(64, '0');
    const say = (type: string, action: string, of: string, attributes: Record<string, string>) =>
      (this.events[this.#known(host)] ??= []).push({ at: 0, type, action, id: of, attributes });
    say('container', 'create', id, { name, image });
    const created = this.events[host]?.at(-1);
    if (created && command !== undefined) created.command = command;
    if (network !== undefined) say('network', 'connect', `${network}-id`, { container: id, name: network });
    say('container', 'start', id, { name, image });
    if (exitCode !== undefined) say('container', 'die', id, { name, image, exitCode: String(exitCode) });
    return id;
  }

  /** What the engine of a host says of `docker exec` in a container. */
  addExec(host: string, container: string, command: string, exitCode = 0): void {
    const say = (action: string, attributes: Record<string, string>) =>
      (this.events[this.#known(host)] ??= []).push({
        at: 0,
        type: 'container',
        action,
        id: container,
        attributes,
      });
    const execID = `${container.slice(0, 12)}-${this.events[host]?.length}`;
    say(`exec_create: ${command}`, { execID });
    say(`exec_start: ${command}`, { execID });
    say('exec_die', { execID, exitCode: String(exitCode) });
  }

  #known(host: string): string {
    if (!this.hosts.includes(host)) throw new Error(`The cluster has no host named ${host}.`);
    return host;
  }

  #networkOf(from: Asker): NetworkView {
    const asked = (to: string, what: string) =>
      this.requests.push({ from: from.container ?? from.host, to, what });
    return {
      httpGet: async ({ address, port, path = '/' }) => {
        asked(`${address}:${port}`, path);
        return this.httpReply(from, path);
      },
      redisGet: async ({ address, port }, key) => {
        asked(`${address}:${port}`, key);
        return this.redisReply(from);
      },
      lookup: async (name) => {
        asked('name server', name);
        return this.lookupReply(from, name);
      },
    };
  }
}

/** The English reason of a verdict; `pass` of one that has none. */
export const reason = (verdict: Verdict): string =>
  verdict.outcome === 'pass' ? verdict.outcome : verdict.reason.en;
