import { BUILD_STAGES, buildEmbedded, type EmbeddedBuild } from '../engines/embedded/build-embedded.ts';
import { engineBeside, startEmbedded } from '../engines/embedded/start-embedded.ts';
import type { Engine } from '../engines/engine.ts';
import { ownerOf } from '../engines/owner.ts';
import type { Stage, Stages } from '../engines/stages.ts';
import { embeddedPrograms, ensureSystemPrograms } from '../engines/system-packages.ts';
import { embeddedGround } from '../images/ground.ts';
import { IMAGE_STAGES, labImages } from '../images/prepare-images.ts';
import type { Config } from '../config.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { StartedEngine } from './engine-terms.ts';
import { FIND_STAGE, startExternalLab } from './external-lab.ts';
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
  /** Told what is about to be installed on the system. */
  announce: (message: string) => void;
  stages: Stages;
};

/** Everything that the engine is started from: installed and built where it is not there yet. */
export async function prepareLabEngine(options: LabEngineOptions): Promise<EmbeddedBuild> {
  const { config, scenarios, isRoot, announce, stages } = options;
  await stages.run(PROGRAMS_STAGE, ({ onLine }) =>
    ensureSystemPrograms(embeddedPrograms(isRoot), { setup: config.setup, isRoot, announce, onLine }),
  );
  const recipes = [...scenarios].flatMap(({ images }) => images);
  return buildEmbedded(config.cache, await labImages(config.cache, recipes), stages);
}

/**
 * The engine that labs run on, with everything that it needs: the user's own where that is wanted and will do, or
 * Drydock's, as one that still runs from an earlier start of the same name, or a new one.
 */
export async function startLabEngine(name: string, options: LabEngineOptions): Promise<StartedEngine> {
  return (
    ((await wantsExternal(name, options)) && (await startExternalLab(options))) || startOwn(name, options)
  );
}

/** Labs that run on Drydock's own engine go on there, whatever has been installed since. */
async function wantsExternal(name: string, { config }: LabEngineOptions): Promise<boolean> {
  if (config.engine !== 'auto') return config.engine === 'external';
  return (await engineBeside(config.cache, name)) === null;
}

async function startOwn(name: string, options: LabEngineOptions): Promise<StartedEngine> {
  const { config, stages, announce } = options;
  await refuseOtherEngine();
  const build = await prepareLabEngine(options);
  const engine = await stages.run(BOOT_STAGE, ({ signal }) =>
    startEmbedded(build, { cache: config.cache, name, signal, announce }),
  );
  return {
    ...engine,
    ground: embeddedGround(await ownerOf(config.cache)),
    lacking: new Map(),
    limits: [],
  };
}

/** Memory of the guest's own, and what a host of a lab takes with its services running, in MiB. */
const GUEST_MIB = 700;
const HOST_MIB = 512;

/** How many labs an engine holds at once, of scenarios with at most so many hosts. */
export const labCapacity = (engine: Pick<Engine, 'memoryMiB'>, hosts: number): number =>
  Math.max(1, Math.floor((engine.memoryMiB - GUEST_MIB) / (hosts * HOST_MIB)));

/** What a process must have in its environment before the Docker client is first used in it. */
export const clientEnvironment = (engine: Pick<Engine, 'environment'>): Readonly<Record<string, string>> => ({
  ...engine.environment,
  // Its reaper would remove every lab ten seconds after the server has gone.
  TESTCONTAINERS_RYUK_DISABLED: 'true',
  // To find out how ports are reached, of which labs have none, it may run a container of its own.
  TESTCONTAINERS_HOST_OVERRIDE: 'localhost',
});
