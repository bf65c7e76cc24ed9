import { join } from 'node:path';
import type { Config } from '../config.ts';
import { newClusterId } from '../clusters/cluster-id.ts';
import { askState, takePlace } from '../control/control-client.ts';
import { openControl } from '../control/open-control.ts';
import { Stages } from '../engines/stages.ts';
import { UserError } from '../engines/user-error.ts';
import { openLog } from '../log.ts';
import { loadScenarios } from '../scenarios/load-scenarios.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { keptClusters } from '../sessions/kept-clusters.ts';
import { openSessionStore } from '../sessions/store.ts';
import { labEngineBeside } from './engine-beside.ts';
import type { StartedEngine } from './engine-terms.ts';
import { keepEngine } from './keep-engine.ts';
import { ENGINE_STAGES, hostsOfLargest, labCapacity, startLabEngine } from './lab-engine.ts';
import { lackingImages } from './lacking-images.ts';
import { Places } from './places.ts';
import { scenarioFolders } from './scenario-folders.ts';
import { printStages } from './stage-printer.ts';
import type { Surroundings } from './up.ts';
import { readVersion } from './version.ts';

/** An engine on which a command has the place of one cluster at a time. */
export type ClusterEngine = Pick<StartedEngine, 'environment' | 'failed' | 'ground' | 'own'> & {
  /** The id that the server knows the cluster by; none where this process holds the engine. */
  cluster?: string;
};

export type ClusterEngineOptions = {
  config: Config;
  /** The command that wants it, for whoever else comes meanwhile. */
  command: string;
  /** A scenario that it must be able to run. */
  scenario?: Scenario;
};

/**
 * The engine of the server that runs, which goes on to hold it, or one that this process holds until `owned` is disposed.
 */
export async function clusterEngine(
  { config, command, scenario }: ClusterEngineOptions,
  surroundings: Surroundings,
  owned: AsyncDisposableStack,
): Promise<ClusterEngine> {
  const { root, output, isRoot, stop, signal } = surroundings;
  const state = await askState(config.cache);
  if (state !== null) {
    const beside = state.status === 'serving' ? await labEngineBeside(config.cache) : null;
    if (beside === null) {
      throw new UserError(
        `Drydock (${state.command}, process ${state.pid}) is ${state.status}. Try again when it serves labs, or when it has ended.`,
      );
    }
    if (scenario !== undefined && beside.inputs !== null) {
      const lacks = await lackingImages(config.cache, beside.inputs, [scenario], false);
      if (lacks.size > 0) {
        throw new UserError(
          `The engine that runs was started without the images of ${scenario.slug} as they are now. End Drydock and all labs with “npm run drydock -- down” and try again: the images are built then.`,
        );
      }
    }
    const { cluster } = owned.use((await takePlace(config.cache)) ?? refuse());
    return { ...beside, cluster };
  }
  const version = await readVersion(root);
  const control = owned.use(await openControl(config.cache, { version, command, stop }));
  signal.addEventListener('abort', () => control.stopping(), { once: true });
  const left = clustersLeft(config.cache);
  const labs = left.size;
  const { scenarios } = await loadScenarios(...(await scenarioFolders(root, config)));
  if (scenario !== undefined) scenarios.set(scenario.slug, scenario);
  const engine = await startLabEngine('server', {
    config,
    scenarios: scenarios.values(),
    isRoot,
    announce: (message) => output.write(`${message}\n`),
    stages: new Stages(printStages(output, ENGINE_STAGES.length), signal),
    owned: left,
  });
  // Labs that are open on it are the next server's to look after.
  owned.defer(async () => (engine.adopted && labs > 0 ? engine.release() : engine[Symbol.asyncDispose]()));
  if (engine.outdated) {
    throw new UserError(
      'The engine that runs is of an earlier version, or was started with other settings, and labs are open on it. Start Drydock and end them, or end everything with “npm run drydock -- down”.',
    );
  }
  const lack = scenario && (await engine.lacking(scenarios.values())).get(scenario.slug);
  if (lack !== undefined) throw new UserError(lack.message);
  const log = openLog(join(config.cache, 'drydock.log'));
  owned.use(await keepEngine(engine, { openLabs: () => labs, hours: config.leaseHours, log }));
  const places = new Places(labCapacity(engine, hostsOfLargest(scenarios.values())), labs);
  owned.use(places.take() ?? refuse());
  control.serve({
    url: null,
    labs: () => [],
    endLab: async () => false,
    takePlace: async () => {
      const place = places.take();
      if (place === null) return null;
      return { cluster: newClusterId(), [Symbol.asyncDispose]: async () => place[Symbol.dispose]() };
    },
  });
  return engine;
}

function clustersLeft(cache: string): ReadonlySet<string> {
  using store = openSessionStore(join(cache, 'sessions.db'));
  return keptClusters(store);
}

function refuse(): never {
  throw new UserError(
    'As many labs are running as this machine can hold, so there is no place for another cluster. Try again when one has ended; “npm run drydock -- ps” lists them, and “npm run drydock -- end ID” ends one.',
  );
}
