import type Docker from 'dockerode';
import { getContainerRuntimeClient } from 'testcontainers';
import { newClusterId } from './cluster-id.ts';
import { newClusterKey } from './cluster-key.ts';
import { embeddedGround, type Ground } from '../images/ground.ts';
import { EGRESS_LABEL } from '../images/egress.ts';
import { joinNetwork, REGISTRY_LABEL } from '../images/registry.ts';
import type { ProvisionCluster } from './cluster.ts';
import { DockerCluster } from './docker-cluster.ts';
import { DockerHost } from './docker-host.ts';
import { beforeAbort } from '../engines/before-abort.ts';
import { saysDiskFull } from '../engines/disk-space.ts';
import { EngineFullError } from './engine-full-error.ts';
import { clusterNetwork, LABELS } from './labels.ts';
import { type Probe, startProbe } from './probe.ts';
import { removeCluster } from './remove-cluster.ts';
import { LabHostContainer } from './lab-host-container.ts';
import { CLUSTER_POOL, firstFreePosition, subnetAt, type Subnet } from './subnets.ts';

const ATTEMPTS = 10;
/** An engine that takes longer for a network when nobody wants it any more hangs. */
const PATIENCE_MS = 10_000;

/**
 * Make a cluster on the engine that the process's DOCKER_* variables name; testcontainers reads them when it
 * is first used. Hosts start in parallel, and none is called ready before its own engine answers.
 */
export const provisionOn =
  (ground: Ground, pool: string = CLUSTER_POOL): ProvisionCluster =>
  async (spec, onProgress, signal) => {
    const { dockerode } = (await getContainerRuntimeClient()).container;
    const id = spec.id ?? newClusterId();
    try {
      signal.throwIfAborted();
      const subnet = await patiently(signal, createNetwork(dockerode, id, ground, pool));
      const key = newClusterKey(id);
      const starting = await settledUnlessAborted(
        spec.hosts.map(async (host, index) => {
          const address = subnet.host(index);
          onProgress(host, 'starting');
          const probe = Promise.withResolvers<Probe>();
          const container = await new LabHostContainer({
            cluster: id,
            host,
            network: clusterNetwork(id),
            ground,
            hub: 'address' in ground.registry ? ground.registry.address : subnet.registry,
            gateway: ground.egress && subnet.egress,
            address,
            key,
            signal,
            onRunning: async () => probe.resolve(await startProbe(dockerode, id, host, ground)),
          }).start();
          onProgress(host, 'ready');
          return new DockerHost(
            host,
            address,
            dockerode,
            dockerode.getContainer(container.getId()),
            await probe.promise,
          );
        }),
        signal,
        () => removeCluster(dockerode, id),
      );
      signal.throwIfAborted();
      const started = starting.map((result) => {
        if (result.status === 'rejected') throw result.reason;
        return result.value;
      });
      return new DockerCluster(id, started, dockerode);
    } catch (error) {
      await removeCluster(dockerode, id).catch((failure: unknown) => {
        throw new AggregateError([error, failure], `The cluster ${id} could neither be made nor removed.`, {
          cause: error,
        });
      });
      if (saysDiskFull(String(error)))
        throw new EngineFullError("The engine's disk is full.", { cause: error });
      throw error;
    }
  };

/** The same on Drydock's own engine, of which there is one a cache folder. */
export const provisionCluster: ProvisionCluster = provisionOn(embeddedGround('unowned'));

/**
 * Wait until every start has ended, well or not: a host that is still starting while its cluster is removed would be
 * left behind. On abort `remove` ends the starts; where that fails there is no engine left to wait for, and its error
 * is thrown.
 */
async function settledUnlessAborted<T>(
  starts: readonly Promise<T>[],
  signal: AbortSignal,
  remove: () => Promise<void>,
): Promise<PromiseSettledResult<T>[]> {
  const failed = Promise.withResolvers<never>();
  let removed: Promise<void> | undefined;
  const onAbort = () => {
    removed = remove();
    removed.catch(failed.reject);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const results = await Promise.race([failed.promise, Promise.allSettled(starts)]);
    await removed;
    return results;
  } finally {
    // Later the cluster is its owner's to remove.
    signal.removeEventListener('abort', onAbort);
  }
}

/** What is awaited, also for some time after an abort: what is made in that time is known, and can be removed. */
async function patiently<T>(signal: AbortSignal, awaited: Promise<T>): Promise<T> {
  const late = new AbortController();
  const onAbort = () => setTimeout(() => late.abort(signal.reason), PATIENCE_MS).unref();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await beforeAbort(late.signal, awaited);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * A bridge network with the first free subnet of the pool. Another cluster may be taking that at this moment, which no
 * list shows before it is done: then the next one is tried.
 */
async function createNetwork(docker: Docker, id: string, ground: Ground, pool: string): Promise<Subnet> {
  const refused: string[] = [];
  for (;;) {
    const networks = await docker.listNetworks();
    const used = networks.flatMap(
      (network) => network.IPAM?.Config?.map(({ Subnet: cidr }) => cidr ?? '') ?? [],
    );
    const subnet = subnetAt(firstFreePosition([...used, ...refused], pool), pool);
    try {
      const { registry, egress } = ground;
      await docker.createNetwork({
        Name: clusterNetwork(id),
        Driver: 'bridge',
        ...ground.network,
        Labels: {
          ...ground.labels,
          [LABELS.cluster]: id,
          ...('container' in registry && { [REGISTRY_LABEL]: subnet.registry }),
          ...(egress && { [EGRESS_LABEL]: subnet.egress }),
        },
        IPAM: { Driver: 'default', Config: [{ Subnet: subnet.cidr, Gateway: subnet.gateway }] },
      });
      if ('container' in registry) {
        await joinNetwork(docker, registry.container, clusterNetwork(id), subnet.registry);
      }
      if (egress) await joinNetwork(docker, egress.container, clusterNetwork(id), subnet.egress);
      return subnet;
    } catch (error) {
      // Told by the address management or by the bridge, whichever saw the other one first.
      if (refused.length >= ATTEMPTS || !/overlap/.test(String(error))) throw error;
      refused.push(subnet.cidr);
    }
  }
}
