import type { LabEngine } from '../engines/engine.ts';
import type { Ground } from '../images/ground.ts';
import type { LocalizedText, Slug } from '../protocol/index.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { LabError } from '../sessions/errors.ts';

/** An engine with all that labs need on it, and what has to be known of it. */
export type StartedEngine = LabEngine & {
  /** Whether it is Drydock's own, and not one that was found. */
  own: boolean;
  ground: Ground;
  /** Whether it is of another version than this; then labs are open on it. */
  outdated: boolean;
  /** Those of some scenarios that it cannot run, each with the reason; also of such as have come since it was started. */
  lacking: (scenarios: Iterable<Scenario>) => Promise<ReadonlyMap<Slug, LabError>>;
  /** What is not kept from labs on it that Drydock's own engine keeps from them. */
  limits: readonly LocalizedText[];
};
