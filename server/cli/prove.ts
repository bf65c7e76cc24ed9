import type { Config } from '../config.ts';
import { dockerClient } from '../engines/docker-client.ts';
import { UserError } from '../engines/user-error.ts';
import { type Locale, LOCALES } from '../protocol/index.ts';
import type { Proof } from '../proof/proof.ts';
import type { ProveOptions } from '../proof/prove.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { clientEnvironment } from './client-environment.ts';
import { clusterEngine } from './cluster-engine.ts';
import type { Surroundings } from './up.ts';
import { watchEngine } from './watch-engine.ts';

export type ProveCommand = {
  config: Config;
  scenario: Scenario;
  /** The language that checks are told in. */
  locale: Locale;
  /** See ProveOptions. */
  mutations: boolean;
  eachStep: boolean;
  onResult: NonNullable<ProveOptions['onResult']>;
};

/** Prove a scenario on the engine that runs, or on one started for it. */
export async function proveOnEngine(
  { config, scenario, ...options }: ProveCommand,
  surroundings: Surroundings,
): Promise<Proof> {
  const { output, setEnvironment } = surroundings;
  await using owned = new AsyncDisposableStack();
  const engine = await clusterEngine({ config, command: 'prove', scenario }, surroundings, owned);
  const id = engine.cluster;
  const { ended } = owned.use(watchEngine(engine));
  setEnvironment(clientEnvironment(engine));
  // Loaded only now: testcontainers reads these variables once, when it is first used.
  const [{ provisionOn }, { prove }] = await Promise.all([
    import('../clusters/provision.ts'),
    import('../proof/prove.ts'),
  ]);
  const provision = provisionOn(engine.ground, config.subnets);
  const found = await prove(scenario, {
    ...options,
    signal: AbortSignal.any([surroundings.signal, engine.failed, ended]),
    provision: (spec, ...rest) => provision({ ...spec, ...(id !== undefined && { id }) }, ...rest),
    onProgress: (text) => output.write(`${text}\n`),
  });
  const { Version: version } = await dockerClient(engine).version();
  return { ...found, engine: { kind: engine.own ? 'embedded' : 'external', version } };
}

/** The language to tell checks in: the one that is wished, or the scenario's first. */
export function languageOf({ slug, title }: Scenario, wished: Locale | undefined): Locale {
  const languages = LOCALES.filter((locale) => title[locale] !== undefined);
  const [first] = languages;
  if (wished === undefined && first !== undefined) return first;
  if (wished !== undefined && languages.includes(wished)) return wished;
  throw new UserError(`${slug} is not in ${wished}; it is in ${languages.join(', ')}.`);
}
