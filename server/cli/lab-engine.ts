import { BUILD_STAGES, buildEmbedded, type EmbeddedBuild } from '../engines/embedded/build-embedded.ts';
import { guestShape } from '../engines/embedded/acceleration.ts';
import { guestSize } from '../engines/embedded/guest-shape.ts';
import {
  engineBeside,
  findEmbedded,
  startEmbedded,
  type EngineBuild,
} from '../engines/embedded/start-embedded.ts';
import type { Engine } from '../engines/engine.ts';
import { ownerOf } from '../engines/owner.ts';
import type { Stage, Stages } from '../engines/stages.ts';
import { UserError } from '../engines/user-error.ts';
import { embeddedPrograms, ensureSystemPrograms } from '../engines/system-packages.ts';
import { embeddedGround } from '../images/ground.ts';
import { IMAGE_STAGES, labImages } from '../images/prepare-images.ts';
import type { Config } from '../config.ts';
import type { Slug } from '../protocol/index.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { LabError } from '../sessions/errors.ts';
import type { StartedEngine } from './engine-terms.ts';
import { FIND_STAGE, startExternalLab } from './external-lab.ts';
import { keepUnused } from './external-record.ts';
import { leaveOtherEngines, requireNoLabsElsewhere } from './other-engines.ts';
import { engineId, findParts } from './parts.ts';
import { refuseOtherEngine } from './refuse-other-engine.ts';

const PROGRAMS_STAGE: Stage = {
  id: 'programs',
  name: { en: 'Look for the programs it needs', 'zh-CN': '查找所需的程序' },
};
const BOOT_STAGE: Stage = { id: 'boot', name: { en: 'Start the virtual machine', 'zh-CN': '启动虚拟机' } };

/** Every stage that starting the engine can have, in their order, for those who say how far it is. */
export const ENGINE_STAGES: readonly Stage[] = [
  FIND_STAGE,
  PROGRAMS_STAGE,
  BUILD_STAGES.emulator,
  BUILD_STAGES.guest,
  IMAGE_STAGES.base,
  IMAGE_STAGES.kernel,
  IMAGE_STAGES.labHost,
  IMAGE_STAGES.scenario,
  IMAGE_STAGES.store,
  BUILD_STAGES.disks,
  BOOT_STAGE,
];

export type LabEngineOptions = {
  config: Config;
  /** The scenarios whose images the engine is to hold. */
  scenarios: Iterable<Scenario>;
  isRoot: boolean;
  /** Told what is about to be installed on the system, and what is not as it should be. */
  announce: (message: string) => void;
  stages: Stages;
  /** The clusters of labs that an earlier start has left open: the engine that they are on is not ended, whatever it is. */
  owned?: ReadonlySet<string>;
  /** The engine that has ended and whose place it is to take: it is of the same kind, and reached as that one was. */
  replaces?: Pick<StartedEngine, 'own' | 'environment'>;
};

/** Everything that the engine is started from: installed and built where it is not there yet. */
export async function prepareLabEngine(options: LabEngineOptions): Promise<EmbeddedBuild> {
  const { config, isRoot, announce, stages } = options;
  await stages.run(PROGRAMS_STAGE, ({ onLine }) =>
    ensureSystemPrograms(embeddedPrograms(isRoot), { setup: config.setup, isRoot, announce, onLine }),
  );
  return buildEmbedded(config.cache, await contentsOf(options), stages, config.machine.diskGiB);
}

/**
 * The engine that labs run on, with everything that it needs: the user's own where that is wanted and will do, or
 * Drydock's.
 */
export async function startLabEngine(name: string, given: LabEngineOptions): Promise<StartedEngine> {
  const options = { ...given, scenarios: [...given.scenarios] };
  const external = (await wantsExternal(name, options)) ? await startExternalLab(name, options) : null;
  if (external === null && options.replaces?.own === false) {
    throw new UserError(
      'The Docker engine that labs ran on cannot be used any more. See to it and start Drydock again.',
    );
  }
  return external ?? startOwn(name, options);
}

/** Labs that run on Drydock's own engine go on there, whatever has been installed since. */
async function wantsExternal(name: string, { config, replaces }: LabEngineOptions): Promise<boolean> {
  if (replaces !== undefined) return !replaces.own;
  if (config.engine !== 'auto') return config.engine === 'external';
  return (await engineBeside(config.cache, name)) === null;
}

/**
 * Drydock's own engine. One that still runs from an earlier start of the same name is looked for before anything is
 * built: it is gone on with where it is of this version or labs are open on it, and ended otherwise.
 */
async function startOwn(name: string, options: LabEngineOptions): Promise<StartedEngine> {
  const { config, stages, announce, replaces } = options;
  const inUse = (options.owned?.size ?? 0) > 0;
  const { cache } = config;
  await refuseOtherEngine();
  await requireNoLabsElsewhere('own', name, options);
  await leaveOtherEngines('own', name, options);
  await keepUnused(cache);
  const ground = embeddedGround(await ownerOf(cache));
  const found = await findEmbedded(cache, name, stages.signal);
  const outdated = found !== null && found.build.id !== (await versionOf(options)).id;
  if (found !== null && outdated && !inUse) await found.end();
  else if (found !== null) {
    try {
      const engine = await stages.run(BOOT_STAGE, () => found.adopt());
      const lacks = outdated ? await lacking(found.build, options) : new Map();
      return { ...engine, own: true, ground, outdated, lacks, limits: [] };
    } catch (error) {
      if (inUse || stages.signal.aborted) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      announce(`The engine that runs does not answer, so another is started: ${reason}`);
    }
  }
  const build = await prepareLabEngine(options);
  const engine = await stages.run(BOOT_STAGE, async ({ signal }) => {
    const shape = await guestShape(cache, build, guestSize(config.machine), signal);
    return startEmbedded(build, {
      cache,
      name,
      shape,
      // The version has the accelerator in it, which may turn out to be another.
      about: () => versionOf(options),
      ...(replaces !== undefined && { port: Number(new URL(replaces.environment.DOCKER_HOST).port) }),
      signal,
      announce,
    });
  });
  return { ...engine, own: true, ground, outdated: false, lacks: new Map(), limits: [] };
}

const contentsOf = ({ config, scenarios }: Pick<LabEngineOptions, 'config' | 'scenarios'>) =>
  labImages(
    config.cache,
    [...scenarios].flatMap(({ images }) => images),
  );

/** What an engine of this version is started from, whether or not it is built yet. */
async function versionOf(options: LabEngineOptions): Promise<EngineBuild> {
  const { cache, machine } = options.config;
  const { inputs } = await contentsOf(options);
  const parts = await findParts(cache, options.scenarios, machine);
  return { id: engineId(parts), inputs: [...inputs] };
}

/** The scenarios that need something, hosts or images, that another build of the engine does not have. */
async function lacking(
  build: EngineBuild,
  { config, scenarios }: LabEngineOptions,
): Promise<StartedEngine['lacks']> {
  const there = new Set(build.inputs);
  const lacks = new Map<Slug, LabError>();
  for (const { slug, images } of scenarios) {
    const { inputs } = await labImages(config.cache, images);
    if (!inputs.every((input) => there.has(input))) lacks.set(slug, new LabError('engine_outdated'));
  }
  return lacks;
}

/** Memory of the guest's own, and what a host of a lab takes with its services running, in MiB. */
const GUEST_MIB = 700;
const HOST_MIB = 512;

/** How many labs an engine holds at once, of scenarios with at most so many hosts. */
export const labCapacity = (engine: Pick<Engine, 'memoryMiB'>, hosts: number): number =>
  Math.max(1, Math.floor((engine.memoryMiB - GUEST_MIB) / (hosts * HOST_MIB)));

/** How many hosts the largest scenario has. */
export const hostsOfLargest = (scenarios: Iterable<Pick<Scenario, 'hosts'>>): number =>
  Math.max(1, ...[...scenarios].map(({ hosts }) => hosts.length));

/** What a process must have in its environment before the Docker client is first used in it. */
export const clientEnvironment = (engine: Pick<Engine, 'environment'>): Readonly<Record<string, string>> => ({
  ...engine.environment,
  // Its reaper would remove every lab ten seconds after the server has gone.
  TESTCONTAINERS_RYUK_DISABLED: 'true',
  // To find out how ports are reached, of which labs have none, it may run a container of its own.
  TESTCONTAINERS_HOST_OVERRIDE: 'localhost',
});
