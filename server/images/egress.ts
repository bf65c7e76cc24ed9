import type Docker from 'dockerode';
import { UserError } from '../engines/user-error.ts';
import { isAnswer } from './engine-images.ts';

/** The label of the container that lets labs out, and of a network that it is put on: its address there. */
export const EGRESS_LABEL = 'drydock.egress';

/** What it runs, of the image of hosts. */
const PROGRAM = '/usr/local/lib/drydock/let-out';

/**
 * The network of a cluster whose hosts are let out: one without an address of the engine's machine on it, so that
 * nothing leads out of it but the container that is put beside them.
 */
export const EGRESS_NETWORK = {
  Internal: false,
  Options: {
    'com.docker.network.bridge.inhibit_ipv4': 'true',
    'com.docker.network.bridge.enable_ip_masquerade': 'false',
  },
} as const;

const MIB = 2 ** 20;

/** What lets labs out on an engine around which there is no firewall of Drydock's. */
export type Egress = {
  /** The image of hosts. */
  image: string;
  name: string;
  labels: Readonly<Record<string, string>>;
  /** The range that clusters take their addresses from. */
  pool: string;
};

/**
 * Start what lets labs out to the internet, and to nothing of the engine's machine or its networks: a container that is
 * put on the network of each cluster, beside the hosts (`joinNetwork`). One that runs is left.
 */
export async function startEgress(
  docker: Docker,
  { image, name, labels, pool }: Egress,
  abortSignal: AbortSignal,
): Promise<void> {
  const there = await docker.listContainers({ all: true, filters: { name: [`^/?${name}$`] }, abortSignal });
  if (there[0]?.State === 'running' && there[0].Labels[EGRESS_LABEL] === pool) return;
  if (there[0] !== undefined) await docker.getContainer(there[0].Id).remove({ force: true, v: true });
  const container = await docker.createContainer({
    name,
    Image: image,
    Entrypoint: [PROGRAM],
    Cmd: [pool],
    Labels: { ...labels, [EGRESS_LABEL]: pool },
    HostConfig: {
      NetworkMode: 'bridge',
      Init: true,
      ReadonlyRootfs: true,
      // Where the program that sets a firewall keeps its lock.
      Tmpfs: { '/run': 'size=1m' },
      CapDrop: ['ALL'],
      CapAdd: ['NET_ADMIN', 'NET_RAW'],
      SecurityOpt: ['no-new-privileges'],
      // Nobody's packets in the name of another.
      Sysctls: { 'net.ipv4.ip_forward': '1', 'net.ipv4.conf.all.rp_filter': '1' },
      Memory: 64 * MIB,
      MemorySwap: 64 * MIB,
      PidsLimit: 32,
      // Its engine may end and be started again.
      RestartPolicy: { Name: 'always' },
    },
    abortSignal,
  });
  try {
    await container.start({ abortSignal });
  } catch (error) {
    await container.remove({ force: true, v: true });
    if (!isAnswer(error, 404)) throw error;
    throw new UserError(
      'Labs cannot be let out to the internet, as the Docker engine has no network named “bridge”. Set DRYDOCK_EGRESS=off, or start that engine with its default network.',
      { cause: error },
    );
  }
}
