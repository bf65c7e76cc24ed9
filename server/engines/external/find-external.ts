import { homedir } from 'node:os';
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { exists } from '../cached-folder.ts';
import { ExternalAnswer } from './external-answer.ts';

/** An engine that answers and is busy takes a second or two for the question; one that takes longer is of no use. */
const ANSWER_LIMIT_MS = 15_000;

/** What became of looking for an engine. `silent`: there is one to be asked, and it does not answer. */
export type Search =
  | { state: 'found'; engine: ExternalAnswer }
  | { state: 'silent'; places: readonly string[]; reason: string }
  | { state: 'none' };

export type SearchOptions = {
  environment?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  limitMs?: number;
};

/**
 * Look for the Docker engine that testcontainers would use, and ask it what it is. Nothing is asked where there is no
 * sign of one. Rejects only on abort.
 */
export async function findExternal(options: SearchOptions = {}): Promise<Search> {
  const { environment = process.env, signal, limitMs = ANSWER_LIMIT_MS } = options;
  const places = await externalPlaces(environment);
  if (places.length === 0) return { state: 'none' };
  const result = await execa(process.execPath, [join(import.meta.dirname, 'ask-external.ts')], {
    env: environment,
    extendEnv: false,
    stdin: 'ignore',
    timeout: limitMs,
    forceKillAfterDelay: 1000,
    reject: false,
    ...(signal && { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  if (result.timedOut) {
    return { state: 'silent', places, reason: `no answer within ${Math.round(limitMs / 1000)} seconds` };
  }
  if (result.exitCode !== 0) return { state: 'silent', places, reason: lastError(result.stderr) };
  return { state: 'found', engine: ExternalAnswer.parse(JSON.parse(result.stdout)) };
}

/** Where an engine may be, in the order in which it is looked for. */
export async function externalPlaces(
  environment: NodeJS.ProcessEnv,
  home: string = environment['HOME'] || homedir(),
): Promise<string[]> {
  const properties = await textOf(join(home, '.testcontainers.properties'));
  const config = await textOf(join(environment['DOCKER_CONFIG'] || join(home, '.docker'), 'config.json'));
  const named = [
    ...(/^[ \t]*(tc|docker)\.host[ \t]*[=:]/m.test(properties) ? ['.testcontainers.properties'] : []),
    ...['DOCKER_HOST', 'DOCKER_CONTEXT'].filter((name) => environment[name]),
    ...(/"currentContext"\s*:\s*"(?!default")[^"]/.test(config) ? ['the context of the docker command'] : []),
  ];
  const runtime = environment['XDG_RUNTIME_DIR'];
  const sockets = [
    '/var/run/docker.sock',
    ...(runtime ? [join(runtime, 'docker.sock')] : []),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    `/run/user/${process.getuid?.() ?? 0}/docker.sock`,
  ];
  const there = await Promise.all(sockets.map(exists));
  return [...named, ...new Set(sockets.filter((_, index) => there[index]))];
}

const textOf = (file: string) => readFile(file, 'utf8').catch(() => '');

/** The one line of an uncaught error that says what it is. */
const lastError = (text: string): string =>
  /^(?:\w*Error[^:]*): (.*)$/m.exec(text)?.[1] ??
  (text.trim().split('\n').at(-1) || 'it ended without a word');
