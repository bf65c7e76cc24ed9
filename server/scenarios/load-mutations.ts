import { join } from 'node:path';
import { z } from 'zod';
import { HostName } from '../protocol/index.ts';
import { parseAt } from './read-fields.ts';
import type { HostCommand, Mutation, Step } from './scenario.ts';
import type { ScenarioFolder } from './scenario-folder.ts';
import { YamlFile } from './yaml-file.ts';

/** What a learner may get wrong, by the step after which it is tried; see `Mutation`. */
const MUTATIONS_FILE = 'mutations.yaml';

/** For the first host, or by host. */
const Commands = z.union([z.string().min(1), z.partialRecord(HostName, z.string().min(1))]);

const MutationEntry = z.strictObject({
  name: z.string().min(1),
  run: Commands,
  undo: Commands,
  fails: z.string().min(1),
  because: z.string().min(1),
});

/** The wrong states that a scenario lists, by step; what is wrong with the list is reported to the folder. */
export async function loadMutations(
  folder: ScenarioFolder,
  steps: readonly Pick<Step, 'id' | 'checks'>[],
  hosts: readonly HostName[],
): Promise<ReadonlyMap<string, readonly Mutation[]>> {
  const found = new Map<string, readonly Mutation[]>();
  if (!folder.has(MUTATIONS_FILE)) return found;
  const text = await folder.readText(MUTATIONS_FILE);
  if (text === null) return found;
  const yaml = new YamlFile(join(folder.path, MUTATIONS_FILE), text);
  folder.problems.push(...yaml.problems);
  if (yaml.data === undefined) return found;
  const report = (path: readonly PropertyKey[], message: string) =>
    void folder.problems.push(yaml.problem(path, message));
  const lists = parseAt(z.record(z.string(), z.array(z.unknown())), yaml.data, [], report) ?? {};
  for (const [id, entries] of Object.entries(lists)) {
    const step = steps.find((each) => each.id === id);
    if (step === undefined) {
      report([id], `there is no step “${id}”; known are ${steps.map((each) => each.id).join(', ')}`);
      continue;
    }
    const mutations = entries.flatMap((raw, index) => {
      const path = [id, index];
      const entry = parseAt(MutationEntry, raw, path, report);
      if (entry === undefined) return [];
      const { name, run, undo, fails, because } = entry;
      const known = step.checks.map(({ validator }) => validator);
      if (!known.includes(fails)) {
        report([...path, 'fails'], `the step has no check “${fails}”; it has ${known.join(', ')}`);
      }
      for (const [key, commands] of Object.entries({ run, undo })) {
        if (typeof commands === 'string') continue;
        for (const host of Object.keys(commands)) {
          if (hosts.some((each) => each === host)) continue;
          report([...path, key, host], `the scenario has no ${host}; its hosts are ${hosts.join(', ')}`);
        }
      }
      return [{ name, run: inOrder(run, hosts), undo: inOrder(undo, hosts), fails, because }];
    });
    found.set(id, mutations);
  }
  return found;
}

const inOrder = (commands: z.infer<typeof Commands>, hosts: readonly HostName[]): HostCommand[] =>
  typeof commands === 'string'
    ? hosts.slice(0, 1).map((host) => ({ host, command: commands }))
    : Object.entries(commands).flatMap(([name, command]) => {
        const host = hosts.find((each) => each === name);
        return host === undefined || command === undefined ? [] : [{ host, command }];
      });
