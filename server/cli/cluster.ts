import type { Config } from '../config.ts';
import type { Cluster } from '../clusters/cluster.ts';
import { Stages, type Stage } from '../engines/stages.ts';
import { UserError } from '../engines/user-error.ts';
import { HostName } from '../protocol/index.ts';
import { clientEnvironment } from './client-environment.ts';
import { clusterEngine } from './cluster-engine.ts';
import { sizeOf, useTerminal, type LocalTerminal } from './raw-terminal.ts';
import { printStages } from './stage-printer.ts';
import type { Surroundings } from './up.ts';
import { watchEngine } from './watch-engine.ts';

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
  const engine = await clusterEngine({ config, command: 'cluster' }, surroundings, owned);
  const id = engine.cluster;
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
