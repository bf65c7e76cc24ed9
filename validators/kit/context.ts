import type { EngineView, HostFile, NetworkView, ScriptResult } from './cluster-view.ts';

/** What a validator is given: looks at each host, and a deadline. Each throws for a host that the cluster does not have. */
export interface CheckContext {
  /** Names of the cluster's hosts, in order. */
  readonly hosts: readonly string[];
  engine(host: string): EngineView;
  /** The host's IPv4 address on the cluster's network. */
  address(host: string): string;
  network(host: string): NetworkView;
  /**
   * The network of a container that runs on the host, by its id. To get there takes a helper beside the host, which is
   * started at the first look and ends with the check: only for active checks.
   */
  inside(host: string, container: string): NetworkView;
  /** What is at an absolute path of a host, read by no program of the host's; null where there is nothing. */
  file(host: string, path: string): Promise<HostFile | null>;
  /**
   * Run a bash script of the scenario's folder beside a host, by programs that are not the host's. It shares the host's
   * network, processes and engine, and has the host's files under $ROOT. Only for active checks.
   */
  script(host: string, name: string): Promise<ScriptResult>;
  /** Whether there is time to look again at what is under way; without, a check looks once. */
  readonly patient: boolean;
  /** Aborted when the check's time is over; every look and `sleep` then rejects. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

export interface Clock {
  /** Milliseconds, from anywhere. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}
