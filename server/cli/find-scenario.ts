import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../engines/user-error.ts';
import { foldersIn, loadFolders } from '../scenarios/load-scenarios.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { SCENARIO_FILE } from '../scenarios/scenario-source.ts';
import { describeProblems } from './describe-problems.ts';
import { isFolder, NO_SCENARIO } from './scenario-folders.ts';

/** The scenario that is named by its slug, or by a path. Throws a UserError where there is none, or problems with it. */
export async function findScenario(
  target: string,
  directories: readonly string[],
  from: string,
): Promise<Scenario> {
  const all = await scenariosIn(directories);
  const folder = await findFolder(target, all, from);
  const loaded = await loadFolders(await atHand(all, [folder]));
  const { scenario, problems = [] } = loaded.get(folder) ?? {};
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

/** Some folders of scenarios, and those beside each of `named`, with which it is served. */
export async function atHand(all: readonly string[], named: readonly string[]): Promise<string[]> {
  // One may be named by a path that differs by a link.
  const real = (folder: string) => realpath(folder).catch(() => folder);
  const others = named.filter((folder) => !all.includes(folder));
  const byPlace = new Map(
    await Promise.all(others.map(async (folder) => [await real(folder), folder] as const)),
  );
  const folders = new Set<string>();
  for (const folder of all) folders.add(byPlace.get(await real(folder)) ?? folder);
  for (const folder of others) {
    if (folders.has(folder)) continue;
    for (const beside of await scenariosBelow(dirname(folder)).catch(() => [])) folders.add(beside);
    folders.add(folder);
  }
  return [...folders];
}

/** Those in a folder that is none itself; it may hold other folders, too. */
async function scenariosBelow(folder: string): Promise<string[]> {
  if (await isFile(join(folder, SCENARIO_FILE))) return [];
  const folders = await foldersIn(folder);
  const are = await Promise.all(folders.map((each) => isFile(join(each, SCENARIO_FILE))));
  return folders.filter((_, index) => are[index]);
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** The folder of a scenario that is named by its slug or by a path. Throws a UserError where there is none. */
export async function findFolder(target: string, all: readonly string[], from: string): Promise<string> {
  const named = all.find((folder) => basename(folder) === target);
  if (named !== undefined) return named;
  const path = resolve(from, target);
  const folder = basename(path) === SCENARIO_FILE ? dirname(path) : path;
  if (await isFolder(folder)) {
    const [inside] = await scenariosBelow(folder);
    if (inside === undefined) return folder;
    throw new UserError(`${folder} is a folder of scenarios: name one of them, such as ${inside}.`);
  }
  if (all.length === 0) throw new UserError(NO_SCENARIO);
  const known = all.map((each) => basename(each)).join(', ');
  throw new UserError(
    `There is no scenario “${target}”; known are ${known}. Give its name, or the path of its folder.`,
  );
}
