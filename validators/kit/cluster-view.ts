/** What validators may look at on a cluster. Everything in it was said by hosts on which the learner is root. */

/** A host's own part in a swarm, whether or not it is in one. */
export type SwarmInfo = {
  state: 'inactive' | 'pending' | 'active' | 'error' | 'locked';
  /** Empty while the host is in no swarm. */
  nodeId: string;
  /** Whether this host is a manager that can be asked for services. */
  manager: boolean;
  /** The engine's own words on what is wrong, or empty. */
  error: string;
};

export type SwarmNode = {
  id: string;
  hostname: string;
  role: 'manager' | 'worker';
  /** `ready` where the node answers its manager. */
  state: string;
  availability: string;
};

export type Service = {
  id: string;
  name: string;
  mode: 'replicated' | 'global' | 'job';
  /** Asked for, not running; null unless `mode` is replicated. */
  replicas: number | null;
  /** As the service names it, with tag and digest. */
  image: string;
  /** Whether its name leads to one virtual IP or to the addresses of its tasks. */
  endpointMode: 'vip' | 'dnsrr';
  /** Names or ids, as they were given. */
  networks: readonly string[];
  ports: readonly PublishedPort[];
  virtualIps: readonly { networkId: string; address: string }[];
};

export type PublishedPort = {
  published: number;
  target: number;
  protocol: 'tcp' | 'udp' | 'sctp';
  mode: 'ingress' | 'host';
};

/** One replica of a service, past ones among them. */
export type Task = {
  id: string;
  serviceId: string;
  nodeId: string;
  /** What it is doing: `running`, `preparing`, `failed` … */
  state: string;
  /** What the swarm wants of it: `running`, `shutdown` … */
  desired: string;
  containerId: string;
  /** As its service named it when the task was made: another one until an update has reached it. */
  image: string;
  error: string;
};

export type Network = { id: string; name: string; driver: string; scope: string; attachable: boolean };

export type Container = {
  id: string;
  names: readonly string[];
  image: string;
  command: string;
  /** `running`, `exited`, `created` … */
  state: string;
  /** By name of the network; exited containers keep theirs. */
  networks: readonly { name: string; id: string }[];
  /** The service whose task it is, or null. */
  serviceId: string | null;
};

/** Something that happened on a host's engine, in the words of the engine. */
export type EngineEvent = {
  /** Milliseconds since 1970 by the host's clock, with fractions. */
  at: number;
  /** `container`, `network`, `service`, `node` … */
  type: string;
  /** `create`, `start`, `die`, `connect`, `exec_start: dig http` … */
  action: string;
  /** What it happened to. */
  id: string;
  attributes: Readonly<Record<string, string>>;
  /** Of a container that was created: what it runs; absent where it was gone before that could be seen. */
  command?: string;
};

/** A file on a host; `text` has at most its first 64 KiB. */
export type HostFile = { kind: 'file' | 'folder' | 'other'; text: string };

/** What a script said, each stream cut at 64 KiB. */
export type ScriptResult = { exitCode: number; stdout: string; stderr: string };

/** The IPv4 addresses that a name leads to; none where there is no such name. */
export type Addresses = { addresses: readonly string[] };

/** An answer's body has at most its first 64 KiB. */
export type HttpReply = { status: number; body: string };

/** The value of a key, null where there is none; or why Redis does not tell it, in its own words. */
export type RedisReply = { value: string | null } | { error: string };

/** Why there was no answer: a connection that was refused or broke, or five seconds that went by. */
export type NoAnswer = { failure: string };

/** Looks at the Docker engine inside one host, through its API. Each throws where the engine does not answer. */
export interface EngineView {
  swarm(): Promise<SwarmInfo>;
  /** Managers only, as are `services` and `tasks`. */
  nodes(): Promise<readonly SwarmNode[]>;
  services(): Promise<readonly Service[]>;
  tasks(): Promise<readonly Task[]>;
  networks(): Promise<readonly Network[]>;
  /** Exited ones among them. */
  containers(): Promise<readonly Container[]>;
  /** The host name that a container sees itself under. */
  containerHostname(id: string): Promise<string>;
  /** The newest part of what a container has printed. */
  logs(id: string): Promise<string>;
  /** A container's first process, as the host numbers it; null where it does not run. */
  containerPid(id: string): Promise<number | null>;
  /**
   * What has happened, oldest first: what has been seen since the lab began, or where nobody was looking, the 256 newest
   * that the engine itself keeps.
   */
  events(): Promise<readonly EngineEvent[]>;
  /** The IPv4 address at which the host itself reaches a container of a service; null for one on internal networks only. */
  containerAddress(id: string): Promise<string | null>;
}

/** Looks from a host's own network or a container's, each over a connection of its own and by no program of the host's. */
export interface NetworkView {
  httpGet(url: { address: string; port: number; path?: string }): Promise<HttpReply | NoAnswer>;
  redisGet(server: { address: string; port: number }, key: string): Promise<RedisReply | NoAnswer>;
  /** Ask the name server that Docker gives whoever is on this network. */
  lookup(name: string): Promise<Addresses | NoAnswer>;
}
