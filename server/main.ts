import { once } from 'node:events';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { addOperatorCommands, SCENARIOS_OPTION } from './cli/commands.ts';
import { describeFailure } from './cli/describe-failure.ts';
import { typedPath } from './cli/scenario-folders.ts';
import { becomeInvoker, invoker } from './cli/sudo.js';
import { readVersion } from './cli/version.ts';
import { readConfig } from './config.ts';
import { isRoot } from './engines/as-root.ts';
import { embeddedPrograms, ensureSystemPrograms } from './engines/system-packages.ts';

/** Exit codes beside 0: a problem that was said, a command that was not understood, and the end by a signal. */
const FAILED = 1;
const USAGE = 2;
const STOPPED = 130;

const PATIENCE_MS = 1000;
const root = join(import.meta.dirname, '..');
const stop = new AbortController();
let stoppedAt = 0;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (!stop.signal.aborted) stoppedAt = performance.now();
    // Somebody who will not wait; one press can arrive twice, from the terminal and from npm.
    else if (performance.now() - stoppedAt > PATIENCE_MS) process.exit(STOPPED);
    stop.abort();
  });
}
// A terminal that was closed takes no more words, and what runs still has to be ended in good order.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const behindSudo = invoker();
const surroundings = {
  root,
  output: process.stdout,
  isRoot: isRoot() && behindSudo === null,
  setEnvironment: (variables: Readonly<Record<string, string>>) => Object.assign(process.env, variables),
  environment: process.env,
  signal: stop.signal,
  stop: () => {
    stoppedAt = performance.now();
    stop.abort();
  },
};

const program = new Command('drydock')
  .description('Hands-on labs on real Docker clusters, checked step by step.')
  .version(await readVersion(root))
  .exitOverride();
// Under sudo root is for this alone, before anything is written: the rest is done by, and belongs to, who called it.
program.hook('preAction', async (_, action) => {
  if (behindSudo === null) return;
  const { setup } = readConfig(behindSudo.env);
  if (setup === 'auto' && ['up', 'cluster', 'prove'].includes(action.name())) {
    const announce = (message: string) => process.stderr.write(`${message}\n`);
    await ensureSystemPrograms(embeddedPrograms(false), {
      setup,
      isRoot: true,
      announce,
      onLine: () => undefined,
    });
  }
  becomeInvoker();
});
program
  .command('up', { isDefault: true })
  .description('prepare what labs need, and serve them until stopped')
  .option(...SCENARIOS_OPTION)
  // Any word that is no command comes here.
  .allowExcessArguments()
  .action(async ({ scenarios }: { scenarios: string[] }, { args: [word] }: Command) => {
    if (word !== undefined) program.error(`error: there is no command “${word}”; --help lists them`);
    const { up } = await import('./cli/up.ts');
    const config = readConfig(process.env);
    const named = scenarios.map((folder) => typedPath(folder, process.env));
    const drydock = await up({ ...config, scenarios: [...config.scenarios, ...named] }, surroundings);
    process.stdout.write(
      `\nDrydock is ready: ${drydock.url}\nStop it with Ctrl-C; open labs wait for the next start.\n`,
    );
    const ended = AbortSignal.any([stop.signal, drydock.failed]);
    if (!ended.aborted) await once(ended, 'abort');
    if (!drydock.failed.aborted) process.stdout.write('Stopping …\n');
    let left = 0;
    try {
      left = await drydock.stop();
    } catch (error) {
      // What ended the engine is what whoever runs this should read.
      drydock.failed.throwIfAborted();
      // It has ended as it was asked to, but something that it should have ended has not.
      process.stderr.write(`\n${describeFailure(error)}\n`);
      process.exitCode = FAILED;
    }
    drydock.failed.throwIfAborted();
    if (left > 0) process.stdout.write(`${left} open lab(s) run on; the next start goes on with them.\n`);
  });
addOperatorCommands(program, {
  ...surroundings,
  terminal: { input: process.stdin, output: process.stdout },
  errors: process.stderr,
  setExitCode: (code) => (process.exitCode = code),
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // It has said why. Help that was asked for is no mistake.
    process.exitCode = error.exitCode === 0 ? 0 : USAGE;
  } else {
    // What was cut off fails in its own ways.
    process.stderr.write(`\n${stop.signal.aborted ? 'Stopped.' : describeFailure(error)}\n`);
    process.exitCode = stop.signal.aborted ? STOPPED : FAILED;
  }
}
// Labs that are left to the next start still have connections here, which would keep this process.
process.exit();
