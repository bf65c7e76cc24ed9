import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from './engines/user-error.ts';

const Environment = z.object({
  /** The port that the page is served on, on 127.0.0.1. */
  DRYDOCK_PORT: z.coerce.number().int().min(0).max(65_535).default(7300),
  /** Where what is built once is kept: a few gigabytes. */
  DRYDOCK_CACHE: z.string().startsWith('/').optional(),
  /** `manual` never installs anything on the system; what is missing is named instead. */
  DRYDOCK_SETUP: z.enum(['auto', 'manual']).default('auto'),
  /** Which Docker engine labs run on: one that was found, Drydock's own, or the first where it can run all labs. */
  DRYDOCK_ENGINE: z.enum(['auto', 'external', 'embedded']).default('auto'),
  XDG_CACHE_HOME: z.string().startsWith('/').optional(),
  HOME: z.string().startsWith('/').optional(),
});

export type Config = Readonly<{
  port: number;
  cache: string;
  setup: 'auto' | 'manual';
  engine: EngineChoice;
}>;
export type EngineChoice = 'auto' | 'external' | 'embedded';

/** Drydock's settings from the environment, read once; every problem is told, in one error. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  // An empty variable is one that is not set: that is how people unset them.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
    throw new UserError(`These settings are not usable:\n${problems.join('\n')}`);
  }
  const { data } = parsed;
  const caches = data.XDG_CACHE_HOME ?? (data.HOME === undefined ? undefined : join(data.HOME, '.cache'));
  const cache = data.DRYDOCK_CACHE ?? (caches === undefined ? undefined : join(caches, 'drydock'));
  if (cache === undefined) {
    throw new UserError('There is no home folder to keep things in. Set DRYDOCK_CACHE to a folder.');
  }
  return Object.freeze({
    port: data.DRYDOCK_PORT,
    cache,
    setup: data.DRYDOCK_SETUP,
    engine: data.DRYDOCK_ENGINE,
  });
}
