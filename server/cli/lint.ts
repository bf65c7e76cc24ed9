import { basename } from 'node:path';
import { UserError } from '../engines/user-error.ts';
import { otherImages } from '../images/other-images.ts';
import { lenderOf } from '../scenarios/image-folders.ts';
import type { LoadedScenario } from '../scenarios/load-scenario.ts';
import { collect, loadFolders } from '../scenarios/load-scenarios.ts';
import type { Problem } from '../scenarios/problem.ts';
import { describeProblems } from './describe-problems.ts';
import { atHand, findFolder, scenariosIn } from './find-scenario.ts';
import { count } from './quantities.ts';
import { NO_SCENARIO } from './scenario-folders.ts';

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

/** Everything that is wrong with scenarios, in one go. Throws a UserError for one that is not there, or where none is. */
export async function lint({ targets, directories, from }: LintOptions): Promise<LintReport> {
  const all = await scenariosIn(directories);
  if (targets.length === 0 && all.length === 0) throw new UserError(NO_SCENARIO);
  const named = await Promise.all(targets.map((target) => findFolder(target, all, from)));
  const folders = [...new Set(targets.length === 0 ? all : named)];
  // A lab may be at odds with others that it is served with.
  const loaded = await loadFolders(await atHand(all, folders));
  const found = [...collect(loaded).problems, ...(await imageProblems([...loaded.values()]))];
  const isOf = (folder: string) => (problem: Problem) =>
    problem.file === folder || problem.file.startsWith(`${folder}/`);
  const problems = found.filter((problem) => folders.some((folder) => isOf(folder)(problem)));
  const faulty = (folder: string) => problems.some(isOf(folder));
  const scenarios = folders.map((folder) => ({
    slug: basename(folder),
    folder,
    ok: !faulty(folder),
  }));
  return { ok: problems.length === 0, scenarios, problems };
}

/** Images that are others than those of the same name of a lab before, with which the lab could not be started. */
async function imageProblems(loaded: readonly LoadedScenario[]): Promise<Problem[]> {
  const others = await otherImages(loaded.map(({ scenario }) => scenario?.images ?? []));
  return loaded.flatMap(({ scenario, source }, index) =>
    (others[index] ?? []).flatMap(({ name, context, first }) => {
      const at = scenario?.images.findIndex((image) => image.name === name) ?? -1;
      const remedy = `give it another name, or remove ${context} where it is to be the same image`;
      const message = `the lab ${lenderOf(first)} makes another image of this name, in ${first}, and hosts can have one only: ${remedy}`;
      return source === undefined ? [] : [source.problem(['images', at], message)];
    }),
  );
}

/** The same for a person, with file names as they are seen from a folder. */
export function describeLint({ scenarios, problems }: LintReport, from: string): string {
  const found = problems.length === 0 ? 'no problem' : count(problems.length, 'problem');
  return `${describeProblems(problems, from)}${count(scenarios.length, 'scenario')}, ${found}.\n`;
}
