import { basename, dirname, resolve } from 'node:path';
import { UserError } from '../engines/user-error.ts';
import { foldersIn, loadFolder } from '../scenarios/load-scenarios.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { SCENARIO_FILE } from '../scenarios/scenario-source.ts';
import { describeProblems } from './describe-problems.ts';
import { isFolder } from './scenario-folders.ts';

/** The scenario that is named by its slug, or by a path. Throws a UserError where there is none, or problems with it. */
export async function findScenario(
  target: string,
  directories: readonly string[],
  from: string,
): Promise<Scenario> {
  const folder = await findFolder(target, await scenariosIn(directories), from);
  const { scenario, problems } = await loadFolder(folder);
  if (scenario !== undefined) return scenario;
  throw new UserError(
    `The scenario has problems, which “lint” tells as well:\n${describeProblems(problems, from)}`,
  );
}

/** The folders of scenarios in some folders. Throws a UserError where one of these cannot be read. */
export async function scenariosIn(directories: readonly string[]): Promise<string[]> {
  const folders = directories.map((directory) =>
    foldersIn(directory).catch((cause: unknown) => {
      const message = `The folder ${directory} cannot be read: give the folder that scenarios are in.`;
      throw new UserError(message, { cause });
    }),
  );
  return (await Promise.all(folders)).flat();
}

/** The folder of a scenario that is named by its slug or by a path. Throws a UserError where there is none. */
export async function findFolder(target: string, all: readonly string[], from: string): Promise<string> {
  const named = all.find((folder) => basename(folder) === target);
  if (named !== undefined) return named;
  const path = resolve(from, target);
  const folder = basename(path) === SCENARIO_FILE ? dirname(path) : path;
  if (await isFolder(folder)) return folder;
  const known = all.map((each) => basename(each)).join(', ');
  throw new UserError(
    `There is no scenario “${target}”; known are ${known}. Give its name, or the path of its folder.`,
  );
}
