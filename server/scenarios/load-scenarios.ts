import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Slug } from '../protocol/index.ts';
import { loadScenario } from './load-scenario.ts';
import type { Problem } from './problem.ts';
import type { Scenario } from './scenario.ts';

/**
 * Every scenario in a folder of folders, by its slug. One with a problem is left out and does not keep the
 * others from loading; all problems of all scenarios are told. Rejects only where `directory` cannot be read.
 */
export async function loadScenarios(
  directory: string,
): Promise<{ scenarios: Map<Slug, Scenario>; problems: Problem[] }> {
  const root = resolve(directory);
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .toSorted();
  const scenarios = new Map<Slug, Scenario>();
  const problems: Problem[] = [];
  for (const name of names) {
    if (!Slug.safeParse(name).success) {
      const message = `the folder's name “${name}” cannot be in a web address: lower case letters, digits and single hyphens only`;
      problems.push({ file: join(root, name), line: 1, column: 1, message });
      continue;
    }
    const loaded = await loadScenario(join(root, name), name);
    if (loaded.scenario) scenarios.set(name, loaded.scenario);
    problems.push(...loaded.problems);
  }
  return { scenarios, problems };
}
