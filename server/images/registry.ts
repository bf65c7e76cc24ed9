import { join } from 'node:path';
import type Docker from 'dockerode';
import type { ImageRecipe } from './build-image.ts';

/**
 * The registry that every host takes for the public hub, by its name and with a certificate that hosts trust. It has
 * the images of all scenarios, only gives, and says of any other image what the hub would: that there is none.
 */
export const REGISTRY: ImageRecipe = {
  name: 'drydock/registry',
  context: join(import.meta.dirname, 'registry'),
};

/** The volume with the registry's images, as it sends them: compressed layers. */
export const REGISTRY_STORE = 'drydock-registry';
export const REGISTRY_STORE_PATH = '/var/lib/registry';

/** The name that Docker reaches the hub by, and where hosts find it: benchmark addresses, which no network has. */
export const HUB = { name: 'registry-1.docker.io', address: '198.18.0.2' } as const;

const NETWORK = {
  name: 'drydock-registry',
  /** The guest's firewall lets all clusters through to this bridge, to one port (`engines/embedded/guest/init`). */
  bridge: 'registry',
  subnet: '198.18.0.0/29',
  gateway: '198.18.0.1',
} as const;

const MIB = 2 ** 20;

/** Everything that the registry's container is made with, but for its network. */
const registryContainer = (image: string, store: string) =>
  ({
    Image: image,
    // Nobody, who can read.
    User: '65534:65534',
    HostConfig: {
      Binds: [`${store}:${REGISTRY_STORE_PATH}:ro`],
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: 256 * MIB,
      MemorySwap: 256 * MIB,
      PidsLimit: 256,
      // Its engine may end and be started again.
      RestartPolicy: { Name: 'always' },
    },
  }) satisfies Docker.ContainerCreateOptions;

const EMBEDDED = registryContainer(REGISTRY.name, REGISTRY_STORE);
const CONTAINER = {
  ...EMBEDDED,
  name: 'drydock-registry',
  HostConfig: { ...EMBEDDED.HostConfig, NetworkMode: NETWORK.name },
  NetworkingConfig: { EndpointsConfig: { [NETWORK.name]: { IPAMConfig: { IPv4Address: HUB.address } } } },
} satisfies Docker.ContainerCreateOptions;

/** What the running registry depends on, for whoever keeps an engine on which it runs. */
export const REGISTRY_INPUT = JSON.stringify([HUB, NETWORK, CONTAINER]);

/**
 * Start the registry on an engine that has its image and volume. It is on a network of its own that leads nowhere:
 * whoever may reach it is for the engine's firewall to say, and it reaches nobody.
 */
export async function startRegistry(docker: Docker, abortSignal: AbortSignal): Promise<void> {
  const { name, bridge, subnet, gateway } = NETWORK;
  await docker.createNetwork({
    Name: name,
    Driver: 'bridge',
    Internal: true,
    Options: { 'com.docker.network.bridge.name': bridge },
    IPAM: { Driver: 'default', Config: [{ Subnet: subnet, Gateway: gateway }] },
    abortSignal,
  });
  const container = await docker.createContainer({ ...CONTAINER, abortSignal });
  await container.start({ abortSignal });
}

/** The registry on an engine around which there is no firewall of Drydock's. */
export type SharedRegistry = {
  image: string;
  store: string;
  /** The name of its container, and of a network of its own. */
  name: string;
  labels: Readonly<Record<string, string>>;
};

/** The label of a registry's container, and of a network that one is put on: its address there. */
export const REGISTRY_LABEL = 'drydock.registry';

/**
 * Start the registry where nothing lets clusters through to it: it is put on the network of each instead, beside the
 * hosts (`joinNetwork`). It forwards nothing, so that it leads from none of them to another. One that runs is left.
 */
export async function startSharedRegistry(
  docker: Docker,
  { image, store, name, labels }: SharedRegistry,
  abortSignal: AbortSignal,
): Promise<void> {
  const there = await docker.listContainers({ all: true, filters: { name: [`^/?${name}$`] }, abortSignal });
  if (there[0]?.State === 'running') return;
  if (there[0] !== undefined) await docker.getContainer(there[0].Id).remove({ force: true });
  const networks = await docker.listNetworks({ filters: { name: [`^${name}$`] }, abortSignal });
  if (networks.length === 0) {
    await docker.createNetwork({
      Name: name,
      Driver: 'bridge',
      Internal: true,
      Labels: { ...labels },
      abortSignal,
    });
  }
  const made = registryContainer(image, store);
  const container = await docker.createContainer({
    ...made,
    name,
    Labels: { ...labels, [REGISTRY_LABEL]: '' },
    HostConfig: { ...made.HostConfig, NetworkMode: name, Sysctls: { 'net.ipv4.ip_forward': '0' } },
    abortSignal,
  });
  await container.start({ abortSignal });
}

/** Put a container of Drydock's own on the network of a cluster, at an address of it. */
export async function joinNetwork(
  docker: Docker,
  container: string,
  network: string,
  address: string,
): Promise<void> {
  await docker.getNetwork(network).connect({
    Container: container,
    EndpointConfig: { IPAMConfig: { IPv4Address: address } },
  });
}
