import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Cluster } from '../clusters/cluster.ts';
import { newClusterId } from '../clusters/cluster-id.ts';
import { askState, takePlace } from '../control/control-client.ts';
import { openControl } from '../control/open-control.ts';
import { Stages, type Stage } from '../engines/stages.ts';
import { UserError } from '../engines/user-error.ts';
import { openLog } from '../log.ts';
import { HostName } from '../protocol/index.ts';
import { loadScenarios } from '../scenarios/load-scenarios.ts';
import { openSessionStore } from '../sessions/store.ts';
import { labEngineBeside } from './engine-beside.ts';
import type { StartedEngine } from './engine-terms.ts';
import { keepEngine } from './keep-engine.ts';
import {
  clientEnvironment,
  ENGINE_STAGES,
  hostsOfLargest,
  labCapacity,
  startLabEngine,
} from './lab-engine.ts';
import { Places } from './places.ts';
import { sizeOf, useTerminal, type LocalTerminal } from './raw-terminal.ts';
import { printStages } from './stage-printer.ts';
import type { Surroundings } from './up.ts';
import { watchEngine } from './watch-engine.ts';
import { readVersion } from './version.ts';

const PROVISION_STAGE: Stage = { id: 'provision', name: { en: 'Start the hosts', 'zh-CN': '启动主机' } };

export type ClusterOptions = { config: Config; hosts: number; terminal: LocalTerminal };

/**
 * A shell on the first host of a cluster made for it, on the engine that runs or on one started for it. Resolves with
 * the shell's exit code once the cluster, and such an engine, have been removed.
 */
export async function clusterShell(options: ClusterOptions, surroundings: Surroundings): Promise<number> {
  const { config, terminal } = options;
  const { output, setEnvironment } = surroundings;
  await using owned = new AsyncDisposableStack();
  const { engine, id } = await findEngine(owned, config, surroundings);
  setEnvironment(clientEnvironment(engine));
  // Loaded only now: testcontainers reads these variables once, when it is first used.
  const { provisionOn } = await import('../clusters/provision.ts');
  const hosts = Array.from({ length: options.hosts }, (_, index) => HostName.parse(`host0${index + 1}`));
  const watched = owned.use(watchEngine(engine));
  const signal = AbortSignal.any([surroundings.signal, engine.failed, watched.ended]);
  const stages = new Stages(printStages(output, 1), signal);
  const provision = provisionOn(engine.ground, config.subnets);
  try {
    const cluster = owned.adopt(
      await stages.run(PROVISION_STAGE, () =>
        provision({ hosts, ...(id && { id }) }, () => undefined, signal),
      ),
      // With an engine that has ended, the cluster has too.
      async (made) => made[Symbol.asyncDispose]().then(undefined, () => undefined),
    );
    output.write(`This is host01 of ${hosts.join(', ')}. Everything is removed when its shell ends.\n`);
    // Awaited here: what is owned is removed when this function is left.
    return await shellOn(cluster, terminal, signal);
  } catch (error) {
    // What was being done when the engine ended fails in ways of its own.
    if (!surroundings.signal.aborted) {
      signal.throwIfAborted();
      await watched.requireRunning();
    }
    throw error;
  }
}

/**
 * The engine of the server that runs, which goes on to hold it, with the id that the server knows the cluster by; or one
 * that this process holds.
 */
async function findEngine(
  owned: AsyncDisposableStack,
  config: Config,
  surroundings: Surroundings,
): Promise<{ engine: Pick<StartedEngine, 'environment' | 'failed' | 'ground'>; id?: string }> {
  const { root, output, isRoot, stop, signal } = surroundings;
  const state = await askState(config.cache);
  if (state !== null) {
    const beside = state.status === 'serving' ? await labEngineBeside(config.cache) : null;
    if (beside === null) {
      throw new UserError(
        `Drydock (${state.command}, process ${state.pid}) is ${state.status}. Try again when it serves labs, or when it has ended.`,
      );
    }
    const { cluster } = owned.use((await takePlace(config.cache)) ?? refuse());
    return { engine: beside, id: cluster };
  }
  const version = await readVersion(root);
  const control = owned.use(await openControl(config.cache, { version, command: 'cluster', stop }));
  signal.addEventListener('abort', () => control.stopping(), { once: true });
  const left = ownedClusters(config.cache);
  const labs = left.size;
  const { scenarios } = await loadScenarios(join(root, 'scenarios'));
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
      'The engine that runs is of an earlier version, and labs are open on it. Start Drydock and end them, or end everything with “npm run drydock -- down”.',
    );
  }
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
  return { engine };
}

/** The clusters of labs that an earlier server has left on its engine. */
function ownedClusters(cache: string): ReadonlySet<string> {
  using store = openSessionStore(join(cache, 'sessions.db'));
  return new Set(store.load().flatMap(({ cluster }) => cluster ?? []));
}

function refuse(): never {
  throw new UserError(
    'As many labs are running as this machine can hold, so there is no place for another cluster. Try again when one has ended; “npm run drydock -- end ID” ends one.',
  );
}

async function shellOn(cluster: Cluster, terminal: LocalTerminal, signal: AbortSignal): Promise<number> {
  const [host] = cluster.hosts.values();
  if (host === undefined) throw new Error('The cluster has no host.');
  const pty = await host.openPty(sizeOf(terminal), signal);
  try {
    return (await useTerminal(pty, terminal, signal)) ?? 1;
  } catch (error) {
    signal.throwIfAborted();
    throw new UserError('The shell was cut off: its host or its engine has ended.', { cause: error });
  }
}
