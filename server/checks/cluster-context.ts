import { setTimeout as delay } from 'node:timers/promises';
import type { CheckContext, EngineEvent } from '../../validators/kit/index.ts';
import type { Cluster, EnteredNetwork, Host } from '../clusters/cluster.ts';
import { clusterVariables } from '../scenarios/variables.ts';
import { type Answers, EngineClient } from './engine-client.ts';
import { engineView } from './engine-view.ts';
import { networkView } from './network-view.ts';

export type ContextOptions = {
  cluster: Cluster;
  /** Ends every look. */
  signal: AbortSignal;
  /** See CheckContext. */
  patient: boolean;
  /** The files that the check uses, by name. */
  files?: ReadonlyMap<string, string>;
  /** What has been seen of a host's events, where somebody looks on. */
  events?: ((host: string) => readonly EngineEvent[]) | undefined;
  /** What checks that look once share. */
  answers?: Answers | undefined;
};

/** What a validator sees of a real cluster. Disposing it ends the helpers that its looks have needed. */
export function clusterContext(options: ContextOptions): CheckContext & AsyncDisposable {
  const { cluster, signal, patient, files = new Map<string, string>(), events, answers } = options;
  const hostNamed = (name: string): Host => {
    const host = cluster.hosts.get(name);
    if (!host) throw new Error(`The cluster has no host named ${name}.`);
    return host;
  };
  const engine = (name: string) => {
    const host = hostNamed(name);
    return engineView(new EngineClient(host, signal, answers), events && (() => events(name)));
  };
  const entered = new Map<string, Promise<EnteredNetwork>>();
  const enter = async (name: string, container: string): Promise<EnteredNetwork> => {
    const pid = await engine(name).containerPid(container);
    if (pid === null)
      throw new Error(`Container ${container.slice(0, 12)} on ${name} does not run any more.`);
    return hostNamed(name).enter(pid, signal);
  };
  const environment = clusterVariables(cluster);
  return {
    hosts: [...cluster.hosts.keys()].toSorted(),
    engine,
    address: (name) => hostNamed(name).address,
    network: (name) => networkView(hostNamed(name), signal),
    inside: (name, container) => {
      hostNamed(name);
      const key = `${name} ${container}`;
      const network = (): Promise<EnteredNetwork> => {
        const there = entered.get(key) ?? enter(name, container);
        entered.set(key, there);
        return there;
      };
      const way = {
        // Why it cannot be entered, the look itself says.
        untilDialling: async () => void (await Promise.allSettled([network()])),
        dial: async (...to: Parameters<Host['dial']>) => (await network()).dial(...to),
      };
      return networkView(way, signal);
    },
    file: async (name, path) => {
      const found = await hostNamed(name).readFile(path, { signal });
      return found && { kind: found.kind, text: found.bytes.toString('utf8') };
    },
    script: async (name, file) => {
      const text = files.get(file);
      if (text === undefined) throw new Error(`The check has no file named ${file}.`);
      return hostNamed(name).runScript(text, { signal, environment: { ...environment, HOST: name } });
    },
    patient,
    signal,
    clock: {
      now: () => performance.now(),
      sleep: (milliseconds) => delay(milliseconds, undefined, { signal }),
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(
        [...entered.values()].map(async (network) => (await network)[Symbol.asyncDispose]()),
      );
    },
  };
}
