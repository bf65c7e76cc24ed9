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
import { IMAGE_STAGES } from '../images/prepare-images.ts';
import type { Config } from '../config.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { engineContents } from './engine-contents.ts';
import type { StartedEngine } from './engine-terms.ts';
import { FIND_STAGE, startExternalLab } from './external-lab.ts';
import { keepUnused } from './external-record.ts';
import { EGRESS_LIMIT } from './external-words.ts';
import { lackingImages } from './lacking-images.ts';
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
  return buildEmbedded(
    config.cache,
    await engineContents(config, options.scenarios),
    stages,
    config.machine.diskGiB,
  );
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
  const limits = config.egress ? [EGRESS_LIMIT] : [];
  const found = await findEmbedded(cache, name, stages.signal);
  const outdated = found !== null && found.build.id !== (await versionOf(options)).id;
  if (found !== null && outdated && !inUse) await found.end();
  else if (found !== null) {
    try {
      const engine = await stages.run(BOOT_STAGE, () => found.adopt());
      const lacking = lackingOn(cache, found.build, outdated);
      return { ...engine, own: true, ground, outdated, lacking, limits };
    } catch (error) {
      if (inUse || stages.signal.aborted) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      announce(`The engine that runs does not answer, so another is started: ${reason}`);
    }
  }
  // Before the images are built: what changes meanwhile may not be in them.
  const version = await versionOf(options);
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
  const lacking = lackingOn(cache, version, false);
  return { ...engine, own: true, ground, outdated: false, lacking, limits };
}

/** What an engine of this version is started from, whether or not it is built yet. */
async function versionOf(options: LabEngineOptions): Promise<EngineBuild> {
  const { config, scenarios } = options;
  const { inputs } = await engineContents(config, scenarios);
  const parts = await findParts(config, scenarios);
  return { id: engineId(parts), inputs: [...inputs] };
}

const lackingOn =
  (cache: string, build: EngineBuild, outdated: boolean): StartedEngine['lacking'] =>
  (scenarios) =>
    lackingImages(cache, new Set(build.inputs), scenarios, outdated);

/** Memory of the guest's own, and what a host of a lab takes with its services running, in MiB. */
const GUEST_MIB = 700;
const HOST_MIB = 512;

/** How many labs an engine holds at once, of scenarios with at most so many hosts. */
export const labCapacity = (engine: Pick<Engine, 'memoryMiB'>, hosts: number): number =>
  Math.max(1, Math.floor((engine.memoryMiB - GUEST_MIB) / (hosts * HOST_MIB)));

/** How many hosts the largest scenario has. */
export const hostsOfLargest = (scenarios: Iterable<Pick<Scenario, 'hosts' | 'ownHosts'>>): number =>
  Math.max(1, ...[...scenarios].filter(onEngine).map(({ hosts }) => hosts.length));

/** Whether a scenario's hosts are made on the engine. */
export const onEngine = ({ ownHosts }: Pick<Scenario, 'ownHosts'>): boolean => ownHosts === null;
