import type { Engine } from '../engines/engine.ts';

/** What a process must have in its environment before the Docker client is first used in it. */
export const clientEnvironment = (engine: Pick<Engine, 'environment'>): Readonly<Record<string, string>> => ({
  ...engine.environment,
  // Its reaper would remove every lab ten seconds after the server has gone.
  TESTCONTAINERS_RYUK_DISABLED: 'true',
  // To find out how ports are reached, of which labs have none, it may run a container of its own.
  TESTCONTAINERS_HOST_OVERRIDE: 'localhost',
});
