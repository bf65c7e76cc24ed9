import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { exists } from '../engines/cached-folder.ts';
import { UserError } from '../engines/user-error.ts';
import { SCENARIO_FILE } from '../scenarios/scenario-source.ts';

/**
 * The folders that scenarios are in: Drydock's own, unless they are not wanted, and those that somebody has named. Throws a
 * UserError for one of these that is not there, or that is itself a scenario.
 */
export async function scenarioFolders(
  root: string,
  { scenarios, ownLabs }: Pick<Config, 'scenarios' | 'ownLabs'>,
): Promise<string[]> {
  for (const folder of scenarios) {
    if (!(await isFolder(folder)))
      throw new UserError(`There is no folder ${folder}: name the folder that scenarios are in.`);
    if (await exists(join(folder, SCENARIO_FILE)))
      throw new UserError(`${folder} is a scenario itself: name the folder that it is in.`);
  }
  return [...(ownLabs ? [join(root, 'scenarios')] : []), ...scenarios];
}

/** What to do where these folders have none. */
export const NO_SCENARIO =
  'There is no scenario: name the folder that yours are in by DRYDOCK_SCENARIOS, or set DRYDOCK_OWN_LABS=on for Drydock’s own.';

export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** What an option names, as seen from where it was typed: npm runs its scripts elsewhere. */
export const typedPath = (path: string, environment: NodeJS.ProcessEnv): string =>
  resolve(environment['INIT_CWD'] ?? process.cwd(), path);
