import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Slug } from '../protocol/index.ts';
import { imageFolders, type ImageFolders } from './image-folders.ts';
import { type LoadedScenario, loadScenario } from './load-scenario.ts';
import type { Problem } from './problem.ts';
import type { Scenario } from './scenario.ts';

export type LoadedScenarios = { scenarios: Map<Slug, Scenario>; problems: Problem[] };

/**
 * Every scenario in folders of folders, by its slug. One with a problem is left out and does not keep the others from
 * loading; all problems of all scenarios are told. Rejects only where one of `directories` cannot be read.
 */
export async function loadScenarios(...directories: readonly string[]): Promise<LoadedScenarios> {
  const folders = await Promise.all(directories.map(foldersIn));
  return collect(await loadFolders(folders.flat()));
}

/** What is in some folders of scenarios, which lend each other their images. */
export async function loadFolders(folders: readonly string[]): Promise<Map<string, LoadedScenario>> {
  const lent = await imageFolders(folders);
  const loaded = new Map<string, LoadedScenario>();
  for (const folder of folders) loaded.set(folder, await loadFolder(folder, lent));
  return loaded;
}

/** The folders of scenarios in a folder, in the order of their names. */
export async function foldersIn(directory: string): Promise<string[]> {
  const root = resolve(directory);
  const entries = await readdir(root, { withFileTypes: true });
  const folders: string[] = [];
  for (const entry of entries) {
    const path = join(root, entry.name);
    const isFolder =
      entry.isDirectory() ||
      // One that leads nowhere is told as a problem.
      (entry.isSymbolicLink() && (await stat(path).catch(() => null))?.isFile() !== true);
    if (isFolder && !entry.name.startsWith('.')) folders.push(path);
  }
  return folders.toSorted();
}

/** The scenario in a folder, whose name is its slug. */
export async function loadFolder(folder: string, lent?: ImageFolders): Promise<LoadedScenario> {
  const name = basename(folder);
  if (Slug.safeParse(name).success) return loadScenario(folder, name, lent);
  const message = `the folder’s name “${name}” cannot be in a web address: lower case letters, digits and single hyphens only`;
  return { problems: [{ file: folder, line: 1, column: 1, message }] };
}

/** What folders have given, together: of two with one name, the first is the scenario of that name. */
export function collect(loaded: ReadonlyMap<string, LoadedScenario>): LoadedScenarios {
  const scenarios = new Map<Slug, Scenario>();
  const places = new Map<Slug, string>();
  const problems: Problem[] = [];
  for (const [folder, { scenario, problems: own }] of loaded) {
    problems.push(...own);
    if (!scenario) continue;
    const other = places.get(scenario.slug);
    if (other === undefined) {
      scenarios.set(scenario.slug, scenario);
      places.set(scenario.slug, folder);
    } else {
      const message = `there is a scenario of this name already, in ${other}`;
      problems.push({ file: folder, line: 1, column: 1, message });
    }
  }
  return { scenarios, problems };
}
