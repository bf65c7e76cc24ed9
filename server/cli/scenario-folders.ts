import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../engines/user-error.ts';
import { SCENARIO_FILE } from '../scenarios/scenario-source.ts';

/** The folders that scenarios are in: Drydock's own, and those that somebody has named. */
export const scenarioFolders = (root: string, others: readonly string[]): string[] => [
  join(root, 'scenarios'),
  ...others,
];

/** What an option names, as seen from where it was typed: npm runs its scripts elsewhere. */
export const typedPath = (path: string, environment: NodeJS.ProcessEnv): string =>
  resolve(environment['INIT_CWD'] ?? process.cwd(), path);

/** Throws a UserError for a folder that is not there, or that is itself a scenario. */
export async function requireFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const isFolder = await stat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isFolder)
      throw new UserError(`There is no folder ${folder}: name the folder that scenarios are in.`);
    const isScenario = await stat(join(folder, SCENARIO_FILE)).then(
      () => true,
      () => false,
    );
    if (isScenario) {
      throw new UserError(`${folder} is a scenario itself: name the folder that it is in.`);
    }
  }
}
