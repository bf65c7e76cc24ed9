import { basename } from 'node:path';
import { loadFolders } from '../scenarios/load-scenarios.ts';
import type { Problem } from '../scenarios/problem.ts';
import { describeProblems } from './describe-problems.ts';
import { findFolder, scenariosIn } from './find-scenario.ts';
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
  const all = await scenariosIn(directories);
  const named = await Promise.all(targets.map((target) => findFolder(target, all, from)));
  const folders = [...new Set(targets.length === 0 ? all : named)];
  const { problems } = await loadFolders(folders);
  const faulty = (folder: string) =>
    problems.some(({ file }) => file === folder || file.startsWith(`${folder}/`));
  const scenarios = folders.map((folder) => ({
    slug: basename(folder),
    folder,
    ok: !faulty(folder),
  }));
  return { ok: problems.length === 0, scenarios, problems };
}

/** The same for a person, with file names as they are seen from a folder. */
export function describeLint({ scenarios, problems }: LintReport, from: string): string {
  const found = problems.length === 0 ? 'no problem' : count(problems.length, 'problem');
  return `${describeProblems(problems, from)}${count(scenarios.length, 'scenario')}, ${found}.\n`;
}
