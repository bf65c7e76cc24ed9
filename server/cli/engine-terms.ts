import type { LabEngine } from '../engines/engine.ts';
import type { Ground } from '../images/ground.ts';
import type { LocalizedText } from '../protocol/index.ts';

/** An engine with all that labs need on it, and what has to be known of it. */
export type StartedEngine = LabEngine & {
  ground: Ground;
  /** The kernel features, as scenarios name them, that it lacks, with the words for a learner. */
  lacking: ReadonlyMap<string, LocalizedText>;
  /** What is not kept from labs on it that Drydock's own engine keeps from them. */
  limits: readonly LocalizedText[];
};
