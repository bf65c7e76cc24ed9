/** Labels on everything that Drydock makes on an engine, so that it can be told from what others made. */
export const LABELS = { cluster: 'drydock.cluster', host: 'drydock.host' } as const;

/** The name of a cluster's own network. */
export const clusterNetwork = (id: string): string => `drydock-${id}`;
