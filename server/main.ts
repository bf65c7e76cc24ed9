import { once } from 'node:events';
import { join } from 'node:path';
import { Command } from 'commander';
import { up } from './cli/up.ts';
import { readConfig } from './config.ts';
import { isRoot } from './engines/require-root.ts';
import { UserError } from './engines/user-error.ts';

const PATIENCE_MS = 1000;
const root = join(import.meta.dirname, '..');
const stop = new AbortController();
let stoppedAt = 0;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (!stop.signal.aborted) stoppedAt = performance.now();
    // Somebody who will not wait; one press can arrive twice, from the terminal and from npm.
    else if (performance.now() - stoppedAt > PATIENCE_MS) process.exit(130);
    stop.abort();
  });
}
// A terminal that was closed takes no more words, and what runs still has to be ended in good order.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const program = new Command('drydock').description(
  'Hands-on labs on real Docker clusters, checked step by step.',
);
program
  .command('up', { isDefault: true })
  .description('prepare what labs need, and serve them until stopped')
  .action(async () => {
    const drydock = await up(readConfig(process.env), {
      root,
      output: process.stdout,
      isRoot: isRoot(),
      setEnvironment: (variables) => Object.assign(process.env, variables),
      signal: stop.signal,
    });
    process.stdout.write(
      `\nDrydock is ready: ${drydock.url}\nStop it with Ctrl-C; open labs wait for the next start.\n`,
    );
    const ended = AbortSignal.any([stop.signal, drydock.failed]);
    if (!ended.aborted) await once(ended, 'abort');
    if (!drydock.failed.aborted) process.stdout.write('Stopping …\n');
    const left = await drydock.stop();
    drydock.failed.throwIfAborted();
    if (left > 0) process.stdout.write(`${left} open lab(s) run on; the next start goes on with them.\n`);
  });

function describe(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  await program.parseAsync();
} catch (error) {
  // A person's mistake gets its sentence, a fault of ours its trace; what was cut off fails in its own ways.
  process.stderr.write(`\n${stop.signal.aborted ? 'Stopped.' : describe(error)}\n`);
  process.exitCode = stop.signal.aborted ? 130 : 1;
}
