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

/** Everything that the registry's container is made with. */
const CONTAINER = {
  Image: REGISTRY.name,
  name: 'drydock-registry',
  // Nobody, who can read.
  User: '65534:65534',
  HostConfig: {
    Binds: [`${REGISTRY_STORE}:${REGISTRY_STORE_PATH}:ro`],
    NetworkMode: NETWORK.name,
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    Memory: 256 * MIB,
    MemorySwap: 256 * MIB,
    PidsLimit: 256,
    // Its engine may end and be started again.
    RestartPolicy: { Name: 'always' },
  },
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
