import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import { dockerClient } from '../engines/docker-client.ts';
import type { Locale } from '../protocol/index.ts';
import { describeProof } from '../proof/describe-proof.ts';
import type { Proof } from '../proof/proof.ts';
import { clientEnvironment } from './client-environment.ts';
import { findEngine } from './cluster.ts';
import { findScenario } from './find-scenario.ts';
import type { Surroundings } from './up.ts';

export type ProveCommand = {
  config: Config;
  /** A scenario's slug, or the path of its folder. */
  name: string;
  locale: Locale;
  mutations?: true;
  eachStep?: true;
  /** The file that the proof is written to. */
  json?: string;
};

/** Prove a scenario on the engine that runs, or on one started for it. Resolves with whether the proof holds. */
export async function proveByName(
  {
    config,
    name,
    locale,
    mutations = false,
    eachStep = false,
    json,
  }: ProveCommand & { mutations?: boolean; eachStep?: boolean },
  surroundings: Surroundings,
  print: (text: string) => void,
): Promise<boolean> {
  const { output, setEnvironment } = surroundings;
  const scenario = await findScenario(name, surroundings);
  await using owned = new AsyncDisposableStack();
  const { engine, kind, id } = await findEngine(owned, config, surroundings);
  setEnvironment(clientEnvironment(engine));
  // Loaded only now: testcontainers reads these variables once, when it is first used.
  const [{ provisionOn }, { prove }] = await Promise.all([
    import('../clusters/provision.ts'),
    import('../proof/prove.ts'),
  ]);
  const provision = provisionOn(engine.ground, config.subnets);
  const found = await prove(scenario, {
    signal: AbortSignal.any([surroundings.signal, engine.failed]),
    locale,
    mutations,
    eachStep,
    provision: (spec, ...rest) => provision({ ...spec, ...(id && { id }) }, ...rest),
    onProgress: (text) => output.write(`${text}\n`),
  });
  const { Version: version } = await dockerClient(engine).version();
  const proof: Proof = { ...found, engine: { kind, version } };
  if (json !== undefined) await writeFile(resolve(json), `${JSON.stringify(proof, null, 2)}\n`);
  print(describeProof(proof, locale));
  return proof.holds;
}
