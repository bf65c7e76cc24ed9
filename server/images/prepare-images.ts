import { join } from 'node:path';
import { aptMirror } from '../engines/apt.ts';
import { dockerClient } from '../engines/docker-client.ts';
import {
  debianRootVersion,
  makeDebianRoot,
  SUITE,
  type DebianRoot,
} from '../engines/embedded/debian-root.ts';
import type { EngineContents } from '../engines/embedded/build-embedded.ts';
import { cachedFolder, cachedPath, digestOfFolder } from '../engines/cached-folder.ts';
import type { BuildEngine } from '../engines/engine.ts';
import type { Stage, Stages, Work } from '../engines/stages.ts';
import { isSystemError } from '../engines/system-error.ts';
import { BASE_IMAGE_NAME, importBaseImage } from './base-image.ts';
import { buildImage, type ImageRecipe } from './build-image.ts';
import { fillImageStore, IMAGE_STORE } from './image-store.ts';
import { LAB_HOST, LAB_HOST_CAPABILITIES, LAB_HOST_SECURITY } from './lab-host.ts';
import { PROBE } from './probe.ts';
import { REGISTRY, REGISTRY_INPUT, REGISTRY_STORE, startRegistry } from './registry.ts';

export const IMAGE_STAGES = {
  base: { id: 'base', name: { en: 'Make the base image', 'zh-CN': '制作基础镜像' } },
  kernel: { id: 'kernel', name: { en: "Look at the engine's kernel", 'zh-CN': '检查引擎的内核' } },
  labHost: {
    id: 'lab-host',
    name: { en: "Build the image of the labs' hosts", 'zh-CN': '构建实验主机的镜像' },
  },
  scenario: {
    id: 'scenario',
    name: { en: 'Build the images that the labs use', 'zh-CN': '构建实验用到的镜像' },
  },
  store: {
    id: 'store',
    name: { en: 'Fill the image store and the registry', 'zh-CN': '填充镜像库和镜像仓库' },
  },
} as const satisfies Record<string, Stage>;

/**
 * Everything that an engine needs to run the labs: the image of their hosts, a store with the images that learners
 * use on them, and a registry with the same that runs from the engine's first boot on.
 *
 * @param cache a folder for what is made on the way
 * @param recipes the images of all scenarios
 */
export async function labImages(
  cache: string,
  recipes: readonly ImageRecipe[],
): Promise<Omit<EngineContents, 'warmUp'>> {
  const once = await distinctImages(recipes);
  return {
    inputs: await imageInputs(once),
    fill: (engine, stages) =>
      prepareImages(
        engine,
        cache,
        once.map(({ recipe }) => recipe),
        stages,
      ),
    readOnlyVolumes: [IMAGE_STORE, REGISTRY_STORE],
    start: (engine, signal) => startRegistry(dockerClient(engine), signal),
  };
}

export type VersionedImage = { recipe: ImageRecipe; version: string };

/**
 * Each image of several scenarios once. Hosts have one image under a name: where two scenarios make different ones, it is
 * that of the first.
 */
export async function distinctImages(recipes: readonly ImageRecipe[]): Promise<VersionedImage[]> {
  const versions = new Map<string, VersionedImage>();
  for (const recipe of recipes) {
    if (versions.has(recipe.name)) continue;
    versions.set(recipe.name, { recipe, version: await versionOf(recipe) });
  }
  return [...versions.values()];
}

/** The folder may have gone since its scenario was read. */
const versionOf = ({ context }: ImageRecipe): Promise<string> =>
  digestOfFolder(context).catch((error: unknown) => {
    if (!isSystemError(error, 'ENOENT')) throw error;
    return 'gone';
  });

/** Everything that the images which an engine needs depend on, and what is made of them. */
export const imageInputs = async (images: readonly VersionedImage[]): Promise<string[]> => [
  await debianRootVersion(BASE_ROOT),
  JSON.stringify([LAB_HOST_CAPABILITIES, LAB_HOST_SECURITY]),
  await digestOfFolder(LAB_HOST.context),
  await digestOfFolder(PROBE.context),
  await digestOfFolder(REGISTRY.context),
  REGISTRY_INPUT,
  ...images.map(({ recipe: { name }, version }) => `${name} ${version}`).toSorted(),
];

/** The mirror's address is of this machine: it does not go into an image. */
const BASE_ROOT: DebianRoot = {
  variant: 'minbase',
  // The Dockerfiles' apt may have to fetch from an https mirror.
  packages: ['ca-certificates'],
  hooks: [`: > "$1/etc/apt/sources.list"`],
};

/** Where the base image of this version is in a cache folder, or will be. It is needed for building images only. */
export const baseFolder = async (cache: string): Promise<string> =>
  cachedPath(cache, 'base', [await debianRootVersion(BASE_ROOT)]);

/** A tar of the base image's file system, made where it is not kept. */
export async function baseTar(cache: string, work: Work): Promise<string> {
  const build = (folder: string) => makeDebianRoot(BASE_ROOT, join(folder, 'base.tar'), work);
  const inputs = [await debianRootVersion(BASE_ROOT)];
  const base = await cachedFolder(cache, 'base', inputs, build, work.signal, ['base.tar']);
  return join(base, 'base.tar');
}

async function prepareImages(
  engine: BuildEngine,
  cache: string,
  recipes: readonly ImageRecipe[],
  stages: Stages,
): Promise<void> {
  const docker = dockerClient(engine);
  const means = {
    base: BASE_IMAGE_NAME,
    aptSources: `deb ${await aptMirror()} ${SUITE} main`,
    proxies: engine.proxies,
  };
  await stages.run(IMAGE_STAGES.base, async (work) => {
    await importBaseImage(docker, await baseTar(cache, work));
  });
  await stages.run(IMAGE_STAGES.labHost, async ({ onLine }) => {
    // A host takes the registry's certificate from its image.
    for (const recipe of [REGISTRY, PROBE, LAB_HOST]) await buildImage(docker, recipe, means, onLine);
  });
  await stages.run(IMAGE_STAGES.scenario, async ({ onLine }) => {
    for (const recipe of recipes) await buildImage(docker, recipe, means, onLine);
  });
  await stages.run(IMAGE_STAGES.store, async () => {
    const names = recipes.map(({ name }) => name);
    await fillImageStore(
      docker,
      names.map((name) => ({ from: name, name })),
    );
    // Hosts use the store. What the engine itself needs no more would only make its disk larger.
    for (const name of [...names, BASE_IMAGE_NAME]) await docker.getImage(name).remove({ force: true });
    await docker.pruneImages({ filters: { dangling: ['true'] } });
  });
}
