import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { aptMirror } from '../../server/engines/apt.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { SUITE } from '../../server/engines/embedded/debian-root.ts';
import { makeGuestRoot } from '../../server/engines/embedded/guest-root.ts';
import { startNativeEngine } from '../../server/engines/embedded/native-engine.ts';
import type { BuildEngine } from '../../server/engines/engine.ts';
import { BASE_IMAGE_NAME, importBaseImage } from '../../server/images/base-image.ts';
import { buildImage, type ImageRecipe } from '../../server/images/build-image.ts';
import { LAB_HOST } from '../../server/images/lab-host.ts';
import { baseTar } from '../../server/images/prepare-images.ts';
import { PROBE } from '../../server/images/probe.ts';
import { REGISTRY } from '../../server/images/registry.ts';
import { loadScenarios } from '../../server/scenarios/load-scenarios.ts';

const MINUTE = 60_000;
const signal = AbortSignal.timeout(10 * MINUTE);
const work = { onLine: () => undefined, signal };
const { cache } = readConfig(process.env);
const { scenarios } = await loadScenarios(join(import.meta.dirname, '../../scenarios'));
const labs = new Map(
  [...scenarios.values()].flatMap(({ images }) => images.map((image) => [image.name, image])),
);
const recipes: readonly ImageRecipe[] = [REGISTRY, PROBE, LAB_HOST, ...labs.values()];

let engine: BuildEngine;
let docker: Docker;
let data: string;

beforeAll(async () => {
  const guest = await makeGuestRoot(cache, work);
  data = await mkdtemp(join(tmpdir(), 'drydock-buildkit-'));
  engine = await startNativeEngine(guest.folder, data, signal);
  docker = dockerClient(engine);
  await importBaseImage(docker, await baseTar(cache, work));
}, 10 * MINUTE);

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  await rm(data, { recursive: true, force: true });
}, MINUTE);

test.for(recipes)(
  'BuildKit makes of the Dockerfile of $name what the classic builder makes of it',
  { timeout: 5 * MINUTE },
  async (recipe) => {
    const mirror = await aptMirror();
    const aptSources = `deb ${mirror} ${SUITE} main`;
    const means = { base: BASE_IMAGE_NAME, aptSources, proxies: engine.proxies };
    // The first wins the name, on which images are built that come after it.
    await buildWithBuildKit(recipe, {
      ...means.proxies,
      ...recipe.args,
      BASE: means.base,
      APT_SOURCES: aptSources,
    });
    const made = await describe(recipe.name);
    await buildImage(docker, recipe, means, () => undefined);
    const classic = await describe(recipe.name);
    expect(made.config).toEqual(classic.config);
    expect(made.paths).toEqual(classic.paths);
    expect(made.history).not.toContain(mirror);
  },
);

async function buildWithBuildKit(recipe: ImageRecipe, buildargs: Record<string, string>): Promise<void> {
  const context = { context: recipe.context, src: await readdir(recipe.context) };
  const progress = await docker.buildImage(context, {
    t: recipe.name,
    buildargs,
    networkmode: 'host',
    version: '2',
  });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
  });
}

/** What a container of it gets, and what whoever has it can read. */
async function describe(name: string) {
  const image = docker.getImage(name);
  const { Config } = await image.inspect();
  const { Entrypoint, Cmd, Env, WorkingDir, Volumes, ExposedPorts, User } = Config;
  return {
    // The classic builder leaves out what is the same unsaid.
    config: { Entrypoint, Cmd, Env, WorkingDir: WorkingDir || '/', Volumes, ExposedPorts, User },
    paths: await pathsIn(name),
    history: JSON.stringify(await image.history()),
  };
}

async function pathsIn(image: string): Promise<string[]> {
  // Never started: any command does.
  const container = await docker.createContainer({ Image: image, Cmd: ['none'] });
  const paths: string[] = [];
  const entries = extract();
  entries.on('entry', ({ name }, content, next) => {
    paths.push(name);
    content.resume().on('end', next);
  });
  await pipeline(await container.export(), entries);
  await container.remove();
  return paths.toSorted();
}
