import { createInterface } from 'node:readline/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { readConfig } from '../config.ts';
import { UserError } from '../engines/user-error.ts';
import { LOCALES, type Locale } from '../protocol/index.ts';
import type { ProveCommand } from './prove.ts';
import type { LocalTerminal } from './raw-terminal.ts';
import type { Surroundings } from './up.ts';

/** What the commands need of the process that they run in. */
export type Process = Surroundings & {
  terminal: LocalTerminal;
  /** Where a command says what is no part of its result. */
  errors: LocalTerminal['output'];
  /** The code that the process is to end with; 0 unless told. */
  setExitCode: (code: number) => void;
};

type ProveFlags = { locale?: Locale; mutations?: boolean; eachStep?: boolean; json?: string };
type Json = { json?: true };
/** Each mention of it adds a folder. */
export const SCENARIOS_OPTION = [
  '--scenarios <folder>',
  'a folder of scenarios besides Drydock’s own; may be given several times',
  (folder: string, before: readonly string[]): string[] => [...before, folder],
  [] as string[],
] as const;
const JSON_OPTION = ['--json', 'print JSON, and nothing else'] as const;

/**
 * Add everything that an operator does beside `up`. Each loads what it needs when it is run: together that takes most of
 * a second, for which nobody who only wants to see what runs should wait.
 */
export function addOperatorCommands(program: Command, process: Process): void {
  const { root, environment, isRoot, output, errors, terminal, signal, setExitCode } = process;
  const print = (text: string) => output.write(text);
  const printJson = (value: unknown) => print(`${JSON.stringify(value, null, 2)}\n`);
  const cacheFolder = () => readConfig(environment).cache;

  program
    .command('doctor')
    .description('say what was found, what is missing and what to do; exits with 1 where labs cannot run')
    .option(...JSON_OPTION)
    .action(async ({ json }: Json) => {
      const [{ doctor }, { describeReport }] = await Promise.all([
        import('./doctor/doctor.ts'),
        import('./doctor/finding.ts'),
      ]);
      const report = await doctor({ root, environment, isRoot });
      if (json) printJson(report);
      else print(describeReport(report));
      if (!report.ok) setExitCode(1);
    });

  program
    .command('ps')
    .description('list the labs that are running')
    .option(...JSON_OPTION)
    .action(async ({ json }: Json) => {
      const { describePs, ps } = await import('./ps.ts');
      const report = await ps(cacheFolder());
      if (json) printJson(report);
      else print(await describePs(report, cacheFolder(), Date.now()));
    });

  program
    .command('end')
    .description('end one lab')
    .argument('<id>', 'the lab’s id as `ps` shows it, or the beginning of it')
    .action(async (id: string) => {
      const { endOneLab } = await import('./end-lab.ts');
      const lab = await endOneLab(cacheFolder(), id);
      print(`Ended ${lab.scenario} (${lab.id}).\n`);
    });

  program
    .command('down')
    .description('end everything: all labs, the server and the engine, also what a killed server has left')
    .action(async () => {
      const { down } = await import('./down.ts');
      await down(cacheFolder(), { say: (line) => print(`${line}\n`), signal });
    });

  program
    .command('clean')
    .description('say what the cache holds and how large that is, ask, and remove it')
    .option('--yes', 'remove without asking')
    .option('--json', 'print JSON, and nothing else; removes only with --yes')
    .action(async ({ yes, json }: Json & { yes?: true }) => {
      const { describeRemovable, describeRemoved, findOfAll, removeFound } = await import('./clean.ts');
      const found = await findOfAll(readConfig(environment), root);
      if (!json) print(describeRemovable(found));
      // A program that wants to know is not asked back.
      const agreed = yes ?? (!json && found.items.length > 0 && (await agrees(terminal, process)));
      const report = agreed ? await removeFound(found) : found;
      if (json) printJson(report);
      else print(describeRemoved(report));
    });

  program
    .command('lint')
    .description('say everything that is wrong with scenarios; exits with 1 where anything is')
    .argument('[scenario...]', 'a scenario’s name or the path of its folder; all where none is given')
    .option(...SCENARIOS_OPTION)
    .option(...JSON_OPTION)
    .action(async (targets: string[], { json, scenarios }: Json & { scenarios: string[] }) => {
      const [{ describeLint, lint }, { scenarioFolders, typedPath }] = await Promise.all([
        import('./lint.ts'),
        import('./scenario-folders.ts'),
      ]);
      const from = typedPath('.', environment);
      const config = readConfig(environment);
      const named = scenarios.map((each) => typedPath(each, environment));
      const directories = await scenarioFolders(root, {
        ...config,
        scenarios: [...config.scenarios, ...named],
      });
      const report = await lint({ targets, directories, from });
      if (json) printJson(report);
      else print(describeLint(report, from));
      if (!report.ok) setExitCode(1);
    });

  program
    .command('schema')
    .description('print the JSON Schema of scenario.yaml, for editors')
    .action(async () => {
      const { scenarioJsonSchema } = await import('../scenarios/json-schema.ts');
      printJson(scenarioJsonSchema());
    });

  program
    .command('cluster')
    .description('open a shell on host01 of a fresh cluster, which is removed when the shell ends')
    .option('--hosts <number>', 'how many hosts it has, 1 to 5', hostCount, 2)
    .action(async ({ hosts }: { hosts: number }) => {
      const config = readConfig(environment);
      // What is said on the way is not what the shell prints.
      const { clusterShell } = await import('./cluster.ts');
      const code = await clusterShell({ config, hosts, terminal }, { ...process, output: errors });
      setExitCode(code);
    });

  program
    .command('prove')
    .description(
      'prove a scenario on a real cluster: each step’s checks fail, its commands run, its checks pass; exits with 1 where it does not hold',
    )
    .argument('<scenario>', 'a scenario’s name, or the path of its folder')
    .option(
      '--locale <locale>',
      'the language that checks are told in; its own first unless told',
      localeName,
    )
    .option(
      '--mutations',
      'also try what its mutations.yaml lists: wrong states, each of which a check must notice',
    )
    .option('--each-step', 'also prove each step on a cluster of its own, after the commands before it alone')
    .option('--json <file>', 'write what was found to a file')
    .action(async (name: string, { mutations = false, eachStep = false, ...flags }: ProveFlags) => {
      const [
        { findScenario },
        { languageOf, proveOnEngine },
        { openProofFile },
        { describeEnd, describeResult },
        folderNames,
      ] = await Promise.all([
        import('./find-scenario.ts'),
        import('./prove.ts'),
        import('./proof-file.ts'),
        import('../proof/describe-proof.ts'),
        import('./scenario-folders.ts'),
      ]);
      const { scenarioFolders, typedPath } = folderNames;
      const config = readConfig(environment);
      const folders = await scenarioFolders(root, config);
      const scenario = await findScenario(name, folders, typedPath('.', environment));
      if (scenario.ownHosts !== null) {
        throw new UserError(
          `${scenario.slug} works on machines that exist already, where nothing is looked at and nothing can be begun afresh: there is nothing to prove. Try it by hand.`,
        );
      }
      const locale = languageOf(scenario, flags.locale);
      // Before the minutes of work whose outcome goes there.
      await using file = await openProofFile(flags.json && typedPath(flags.json, environment));
      // What is said on the way is no part of what was found.
      const way = { ...process, output: errors };
      const onResult: ProveCommand['onResult'] = (result, where) =>
        print(describeResult(result, where, locale));
      const proof = await proveOnEngine({ config, scenario, locale, mutations, eachStep, onResult }, way);
      print(describeEnd(proof, mutations));
      await file.write(proof);
      if (!proof.holds) setExitCode(1);
    });
}

function localeName(text: string): Locale {
  const found = LOCALES.find((each) => each === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`It is one of ${LOCALES.join(', ')}.`);
}

function hostCount(text: string): number {
  if (/^[1-5]$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a number from 1 to 5.');
}

async function agrees({ input, output }: LocalTerminal, { signal, stop }: Surroundings): Promise<boolean> {
  if (input.isTTY !== true) {
    throw new UserError('Nothing was removed, as there is nobody to ask. Add --yes to remove it.');
  }
  const lines = createInterface({ input, output });
  // Ctrl-C at a question reaches the question alone, and Ctrl-D would leave it unanswered for ever.
  lines.once('SIGINT', stop);
  const closed = new AbortController();
  lines.once('close', () => closed.abort());
  try {
    const answer = await lines.question('Remove all of this? [y/N] ', {
      signal: AbortSignal.any([signal, closed.signal]),
    });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    signal.throwIfAborted();
    if (closed.signal.aborted) return false;
    throw error;
  } finally {
    lines.close();
  }
}
