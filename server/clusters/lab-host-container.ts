import { GenericContainer, Wait } from 'testcontainers';
import type { ClusterKey } from './cluster-key.ts';
import type { Ground } from '../images/ground.ts';
import { IMAGE_STORE_PATH } from '../images/image-store.ts';
import { LAB_HOST_CAPABILITIES, LAB_HOST_RUN, LAB_HOST_SECURITY } from '../images/lab-host.ts';
import { HUB } from '../images/registry.ts';
import type { HostName } from '../protocol/index.ts';
import { HOST_LIMITS } from './host-limits.ts';
import { hostContainer, LABELS } from './labels.ts';

export type LabHostSpec = {
  cluster: string;
  host: HostName;
  network: string;
  address: string;
  ground: Ground;
  /** Where it finds the registry that stands in for the public hub. */
  hub: string;
  /** What lets it out; null where its network does, or nothing. */
  gateway: string | null;
  key: ClusterKey;
  signal: AbortSignal;
  /** Told once its container runs; its engine starts meanwhile. */
  onRunning: () => Promise<void>;
};

/** Read by `images/lab-host/files/usr/local/lib/drydock/start-host`. */
const GATEWAY_FILE = '/usr/local/lib/drydock/gateway';

const START_LIMIT_MS = 180_000;

/**
 * A host of a cluster, not yet started. It is on the cluster's network and no other from its first moment,
 * so that `docker swarm init` finds one address and takes it.
 */
export class LabHostContainer extends GenericContainer {
  readonly #spec: LabHostSpec;

  constructor(spec: LabHostSpec) {
    super(spec.ground.labHost);
    this.#spec = spec;
    const { cluster, host, network, key, ground, hub, gateway } = spec;
    this.withName(hostContainer(cluster, host))
      .withLabels({ ...ground.labels, [LABELS.cluster]: cluster, [LABELS.host]: host })
      .withNetworkMode(network)
      .withDroppedCapabilities('ALL')
      .withAddedCapabilities(...LAB_HOST_CAPABILITIES)
      .withSecurityOpt(...LAB_HOST_SECURITY)
      .withBindMounts([{ source: ground.imageStore, target: IMAGE_STORE_PATH, mode: 'ro' }])
      .withExtraHosts([{ host: HUB.name, ipAddress: hub }])
      .withCopyContentToContainer([
        { content: key.private, target: '/root/.ssh/id_ed25519', mode: 0o600 },
        { content: key.public, target: '/root/.ssh/id_ed25519.pub', mode: 0o644 },
        { content: key.public, target: '/root/.ssh/authorized_keys', mode: 0o600 },
        ...(gateway === null ? [] : [{ content: gateway, target: GATEWAY_FILE, mode: 0o644 }]),
      ])
      .withWaitStrategy(Wait.forLogMessage(/API listen on \/var\/run\/docker\.sock/))
      .withStartupTimeout(START_LIMIT_MS);
  }

  protected override async beforeContainerCreated(): Promise<void> {
    this.#spec.signal.throwIfAborted();
    const { host, network, address } = this.#spec;
    Object.assign(this.hostConfig, HOST_LIMITS, {
      Init: true,
      CgroupnsMode: 'private',
      // What is in it counts as the host's memory, which nothing that the kernel kills would free.
      Tmpfs: { '/tmp': 'exec,size=256m' },
      Mounts: [LAB_HOST_RUN],
    });
    this.createOpts.Hostname = host;
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: { [network]: { Aliases: [host], IPAMConfig: { IPv4Address: address } } },
    };
  }

  protected override async containerStarting(): Promise<void> {
    await this.#spec.onRunning();
  }
}
