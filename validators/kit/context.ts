import type { EngineView, NetworkView } from './cluster-view.ts';

/** What a validator is given: looks at each host, and a deadline. */
export interface CheckContext {
  /** Names of the cluster's hosts, in order. */
  readonly hosts: readonly string[];
  /** Throws for a host that the cluster does not have. */
  engine(host: string): EngineView;
  /** The host's IPv4 address on the cluster's network. */
  address(host: string): string;
  /** Throws for a host that the cluster does not have. */
  network(host: string): NetworkView;
  /** Aborted when the check's time is over; every look and `sleep` then rejects. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

export interface Clock {
  /** Milliseconds, from anywhere. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}
