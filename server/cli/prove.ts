import { writeFile } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { dockerClient } from '../engines/docker-client.ts';
import { UserError } from '../engines/user-error.ts';
import type { Locale } from '../protocol/index.ts';
import { describeMutation, describeProof, describeStep } from '../proof/describe-proof.ts';
import type { Proof } from '../proof/proof.ts';
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
};

/** Prove a scenario on the engine that runs, or on one started for it. */
export async function proveOnEngine(
  { config, scenario, ...options }: ProveCommand,
  surroundings: Surroundings,
): Promise<Proof> {
  const { output, setEnvironment } = surroundings;
  if (scenario.title[options.locale] === undefined) {
    const languages = Object.keys(scenario.title).join(', ');
    throw new UserError(`${scenario.slug} is not in ${options.locale}; it is in ${languages}.`);
  }
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
    onResult: (result) =>
      output.write(
        'wrong' in result ? describeMutation(result, options.locale) : describeStep(result, options.locale),
      ),
  });
  const { Version: version } = await dockerClient(engine).version();
  return { ...found, engine: { kind: engine.own ? 'embedded' : 'external', version } };
}

/** What was found, for a person, and where it was asked for in a file for programs. */
export async function tellProof(
  proof: Proof,
  { locale, json }: { locale: Locale; json: string | undefined },
): Promise<string> {
  if (json !== undefined) await writeFile(json, `${JSON.stringify(proof, null, 2)}\n`);
  return describeProof(proof, locale);
}
