/** Labels on everything that Drydock makes on an engine, so that it can be told from what others made. */
export const LABELS = {
  cluster: 'drydock.cluster',
  /** The host that a container is. */
  host: 'drydock.host',
  /** The host whose probe a container is. */
  probe: 'drydock.probe',
  /** The host that a helper of a check stands beside. */
  helper: 'drydock.helper',
} as const;

/** The name of the container that a host is. */
export const hostContainer = (cluster: string, host: string): string => `drydock-${cluster}-${host}`;

/** The name of a cluster's own network. */
export const clusterNetwork = (id: string): string => `drydock-${id}`;
