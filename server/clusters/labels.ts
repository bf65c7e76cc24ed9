/** Labels on everything that Drydock makes on an engine, so that it can be told from what others made. */
export const LABELS = { cluster: 'drydock.cluster', host: 'drydock.host' } as const;
