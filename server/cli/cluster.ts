import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Cluster } from '../clusters/cluster.ts';
import { askState } from '../control/control-client.ts';
import { openControl } from '../control/open-control.ts';
import { Stages, type Stage } from '../engines/stages.ts';
import { UserError } from '../engines/user-error.ts';
import { openLog } from '../log.ts';
import { HostName } from '../protocol/index.ts';
import { loadScenarios } from '../scenarios/load-scenarios.ts';
import type { StartedEngine } from './engine-terms.ts';
import { keepEngine } from './keep-engine.ts';
import { labEngineBeside } from './engine-beside.ts';
import { clientEnvironment, ENGINE_STAGES, startLabEngine } from './lab-engine.ts';
import { sizeOf, useTerminal, type LocalTerminal } from './raw-terminal.ts';
import { printStages } from './stage-printer.ts';
import type { Surroundings } from './up.ts';
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
  const engine = await findEngine(owned, config, surroundings);
  setEnvironment(clientEnvironment(engine));
  // Loaded only now: testcontainers reads these variables once, when it is first used.
  const { provisionOn } = await import('../clusters/provision.ts');
  const hosts = Array.from({ length: options.hosts }, (_, index) => HostName.parse(`host0${index + 1}`));
  const signal = AbortSignal.any([surroundings.signal, engine.failed]);
  const stages = new Stages(printStages(output, 1), signal);
  const cluster = owned.adopt(
    await stages.run(PROVISION_STAGE, () => provisionOn(engine.ground)({ hosts }, () => undefined, signal)),
    // With an engine that has ended, the cluster has too.
    async (made) => made[Symbol.asyncDispose]().then(undefined, () => undefined),
  );
  output.write(`This is host01 of ${hosts.join(', ')}. Everything is removed when its shell ends.\n`);
  // Awaited here: what is owned is removed when this function is left.
  return await shellOn(cluster, terminal, signal);
}

/** The engine of the server that runs, which goes on to hold it; or one that this process holds. */
async function findEngine(
  owned: AsyncDisposableStack,
  config: Config,
  surroundings: Surroundings,
): Promise<Pick<StartedEngine, 'environment' | 'failed' | 'ground'>> {
  const { root, output, isRoot, stop, signal } = surroundings;
  const state = await askState(config.cache);
  if (state !== null) {
    const beside = state.status === 'serving' ? await labEngineBeside(config.cache) : null;
    if (beside !== null) return { ...beside, failed: new AbortController().signal };
    throw new UserError(
      `Drydock (${state.command}, process ${state.pid}) is ${state.status}. Try again when it serves labs, or when it has ended.`,
    );
  }
  const version = await readVersion(root);
  const control = owned.use(await openControl(config.cache, { version, command: 'cluster', stop }));
  signal.addEventListener('abort', () => control.stopping(), { once: true });
  const { scenarios } = await loadScenarios(join(root, 'scenarios'));
  const engine = await startLabEngine('server', {
    config,
    scenarios: scenarios.values(),
    isRoot,
    announce: (message) => output.write(`${message}\n`),
    stages: new Stages(printStages(output, ENGINE_STAGES.length), signal),
  });
  // On one that was left running there may be labs, which the next server looks after.
  owned.defer(async () => (engine.adopted ? engine.release() : engine[Symbol.asyncDispose]()));
  // It may be one with labs on it, of which this process knows nothing.
  const labs = () => (engine.adopted ? 1 : 0);
  owned.use(await keepEngine(engine, labs, openLog(join(config.cache, 'drydock.log'))));
  control.serve({ url: null, labs: () => [], endLab: async () => false });
  return engine;
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
