import { randomBytes } from 'node:crypto';

/** An id for a new cluster: no other has it. */
export const newClusterId = (): string => randomBytes(4).toString('hex');

/**
 * The id of a cluster that lay in an engine's snapshot. Its label is the same on every engine resumed from that, so
 * its id says besides on which run of the engine it is.
 */
export const idOnRun = (label: string, run: string): string => `${label}-${run}`;

/** What everything that a cluster is made of is labelled with. */
export const labelOf = (id: string): string => id.split('-')[0] ?? '';

/** Whether a cluster can be on this run of an engine; what has its label there is another cluster otherwise. */
export function canBeOnRun(id: string, run: string): boolean {
  const [, itsRun = run] = id.split('-');
  return itsRun === run;
}
