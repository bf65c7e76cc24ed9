import type { Problem } from './problem.ts';
import type { Path } from './yaml-file.ts';

/** The file that makes a folder a scenario. */
export const SCENARIO_FILE = 'scenario.yaml';

/**
 * A description of a scenario as some format gives it: data with the fields of `scenario-schema.ts`, still to be checked,
 * and a place in a file for everything in it. Whatever gives these is a format that `assembleScenario` understands.
 */
export interface ScenarioSource {
  readonly data: unknown;
  /** A problem at `path`, or at the deepest part of it that there is. */
  problem(path: Path, message: string): Problem;
}
