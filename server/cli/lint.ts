import { stat } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import { UserError } from '../engines/user-error.ts';
import type { LoadedScenario } from '../scenarios/load-scenario.ts';
import { collect, foldersIn, loadFolder } from '../scenarios/load-scenarios.ts';
import type { Problem } from '../scenarios/problem.ts';
import { SCENARIO_FILE } from '../scenarios/scenario-source.ts';
import { count } from './quantities.ts';

export type LintOptions = {
  /** Scenarios by their slug or by a path; none means all. */
  targets: readonly string[];
  /** Where scenarios are looked for by their slug. */
  directories: readonly string[];
  /** What a path begins at that is not absolute. */
  from: string;
};

/** What `lint --json` prints. */
export type LintReport = {
  ok: boolean;
  scenarios: { slug: string; folder: string; ok: boolean }[];
  /** With absolute file names; lines and columns count from 1. */
  problems: Problem[];
};

/** Everything that is wrong with scenarios, in one go. Throws a UserError for one that is not there. */
export async function lint({ targets, directories, from }: LintOptions): Promise<LintReport> {
  const all = (await Promise.all(directories.map(foldersOf))).flat();
  const folders = await Promise.all(targets.map((target) => find(target, all, from)));
  const loaded = new Map<string, LoadedScenario>();
  for (const folder of new Set(targets.length === 0 ? all : folders)) {
    loaded.set(folder, await loadFolder(folder));
  }
  const { problems } = collect(loaded);
  const faulty = (folder: string) =>
    problems.some(({ file }) => file === folder || file.startsWith(`${folder}/`));
  const scenarios = [...loaded.keys()].map((folder) => ({
    slug: basename(folder),
    folder,
    ok: !faulty(folder),
  }));
  return { ok: problems.length === 0, scenarios, problems };
}

/** The same for a person, with file names as they are seen from a folder. */
export function describeLint({ scenarios, problems }: LintReport, from: string): string {
  const lines = problems.map(
    ({ file, line, column, message }) => `${seenFrom(from, file)}:${line}:${column}: ${message}`,
  );
  const found = problems.length === 0 ? 'no problem' : count(problems.length, 'problem');
  return [...lines, `${count(scenarios.length, 'scenario')}, ${found}.`].map((line) => `${line}\n`).join('');
}

async function foldersOf(directory: string): Promise<string[]> {
  try {
    return await foldersIn(directory);
  } catch (error) {
    throw new UserError(`The folder ${directory} cannot be read: give the folder that scenarios are in.`, {
      cause: error,
    });
  }
}

async function find(target: string, all: readonly string[], from: string): Promise<string> {
  const named = all.find((folder) => basename(folder) === target);
  if (named !== undefined) return named;
  const path = resolve(from, target);
  const folder = basename(path) === SCENARIO_FILE ? dirname(path) : path;
  const isThere = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isThere) return folder;
  const known = all.map((each) => basename(each)).join(', ');
  throw new UserError(
    `There is no scenario “${target}”; known are ${known}. Give its name, or the path of its folder.`,
  );
}

const seenFrom = (from: string, file: string): string => {
  const path = relative(from, file);
  return path.startsWith('..') || path === '' ? file : path;
};
