import { join } from 'node:path';
import type { Slug } from '../protocol/index.ts';
import { assembleScenario } from './assemble-scenario.ts';
import { type ImageFolders, NO_IMAGE_FOLDERS } from './image-folders.ts';
import type { Problem } from './problem.ts';
import type { Scenario } from './scenario.ts';
import { ScenarioFolder } from './scenario-folder.ts';
import { SCENARIO_FILE, type ScenarioSource } from './scenario-source.ts';
import { YamlFile } from './yaml-file.ts';

export type LoadedScenario = {
  scenario?: Scenario;
  problems: readonly Problem[];
  /** Where things of a scenario that there is are in its description. */
  source?: ScenarioSource;
};

/** So many say enough: whoever has more has given something else than a scenario. */
const MOST_PROBLEMS = 100;

/**
 * Load the scenario in `directory`; there is one only where there is no problem. Never rejects for what is in it.
 *
 * @param lent folders of other scenarios, for images that it names without having one
 */
export async function loadScenario(
  directory: string,
  slug: Slug,
  lent: ImageFolders = NO_IMAGE_FOLDERS,
): Promise<LoadedScenario> {
  const loaded = await load(directory, slug, lent);
  const { problems } = loaded;
  if (problems.length === 0 && loaded.scenario) return loaded;
  const told = problems.toSorted(byPlace).slice(0, MOST_PROBLEMS);
  const last = told.at(-1);
  const more = problems.length - told.length;
  if (last && more > 0) told.push({ ...last, message: `there are ${more} more problems` });
  return { problems: told };
}

async function load(directory: string, slug: Slug, lent: ImageFolders): Promise<LoadedScenario> {
  const file = join(directory, SCENARIO_FILE);
  let folder: ScenarioFolder;
  try {
    folder = await ScenarioFolder.open(directory);
  } catch (error) {
    return { problems: [{ file: directory, line: 1, column: 1, message: cannotRead(error) }] };
  }
  if (!folder.has(SCENARIO_FILE)) {
    const elsewhere = folder.has('index.json')
      ? '; index.json, of Katacoda and Killercoda, is not read: scenarios/README.md says what takes its place'
      : '';
    const missing = { file, line: 1, column: 1, message: `the file ${SCENARIO_FILE} is missing${elsewhere}` };
    return { problems: folder.problems.length > 0 ? folder.problems : [missing] };
  }
  const text = await folder.readText(SCENARIO_FILE);
  if (text === null) return { problems: folder.problems };
  const yaml = new YamlFile(file, text);
  if (yaml.data === undefined) return { problems: [...yaml.problems, ...folder.problems] };
  const { scenario, problems } = await assembleScenario(slug, folder, yaml, lent);
  return { scenario, problems: [...yaml.problems, ...problems, ...folder.problems], source: yaml };
}

const byPlace = (a: Problem, b: Problem): number =>
  Number(b.file.endsWith(SCENARIO_FILE)) - Number(a.file.endsWith(SCENARIO_FILE)) ||
  a.file.localeCompare(b.file) ||
  a.line - b.line ||
  a.column - b.column;

const cannotRead = (error: unknown): string =>
  `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
