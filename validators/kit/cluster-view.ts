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
  /** Names or ids, as they were given. */
  networks: readonly string[];
  ports: readonly PublishedPort[];
  virtualIps: readonly { networkId: string; address: string }[];
};

export type PublishedPort = { published: number; target: number; mode: 'ingress' | 'host' };

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
  error: string;
};

export type Network = { id: string; name: string; driver: string; scope: string; attachable: boolean };

export type Container = {
  id: string;
  names: readonly string[];
  image: string;
  command: string;
  /** By name of the network; exited containers keep theirs. */
  networks: readonly { name: string; id: string }[];
  /** The service whose task it is, or null. */
  serviceId: string | null;
};

/** All that a command printed; one that prints more than 64 KiB makes the look throw. */
export type Output = { exitCode: number; stdout: string; stderr: string };

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
  /** Run a command in a container; it shows in no container list. */
  execIn(id: string, command: readonly string[]): Promise<Output>;
}
