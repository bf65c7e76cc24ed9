import { setTimeout as wait } from 'node:timers/promises';
import type Docker from 'dockerode';
import { answerLimit, beforeAbort } from '../engines/before-abort.ts';
import { EGRESS_LABEL } from '../images/egress.ts';
import { REGISTRY_LABEL } from '../images/registry.ts';
import { labelOf } from './cluster-id.ts';
import { LABELS } from './labels.ts';
import { statusOf } from './status-of.ts';

const POLL_MS = 200;
const LIMIT_MS = 60_000;
/** An engine that takes longer to say what there is hangs; one that is busy still says that at once. */
const ANSWER_LIMIT_MS = 10_000;

/**
 * Remove every container, volume and network of a cluster; what is gone already is no failure. What somebody else removes
 * at this moment is waited for, and what is still being made while it is removed is removed as well. An engine that does
 * not answer is not waited for longer than a minute, and not begun with where it does not even say what there is.
 */
export async function removeCluster(docker: Docker, id: string): Promise<void> {
  const filters = { label: [`${LABELS.cluster}=${labelOf(id)}`] };
  const deadline = answerLimit(LIMIT_MS);
  for (;;) {
    const soon = AbortSignal.any([deadline, answerLimit(ANSWER_LIMIT_MS)]);
    const containers = await beforeAbort(soon, docker.listContainers({ all: true, filters }));
    const removals = await Promise.allSettled(
      containers.map(({ Id }) => removeContainer(docker.getContainer(Id), deadline)),
    );
    const networks = await beforeAbort(deadline, docker.listNetworks({ filters }));
    const left = await Promise.all(
      networks.map(({ Id, Labels }) => isInUse(docker.getNetwork(Id), guestsOf(Labels), deadline)),
    );
    for (const removal of removals) if (removal.status === 'rejected') throw removal.reason;
    if (!left.includes(true)) return;
    deadline.throwIfAborted();
    await wait(POLL_MS);
  }
}

/** The addresses on a cluster's network of what is nobody's of the cluster, and stays. */
const guestsOf = (labels: Readonly<Record<string, string>> | undefined): readonly string[] =>
  [REGISTRY_LABEL, EGRESS_LABEL].flatMap((label) => labels?.[label] ?? []);

/** Remove a network, but not its guests; true where it cannot be removed because a container has come to it. */
async function isInUse(
  network: Docker.Network,
  guests: readonly string[],
  deadline: AbortSignal,
): Promise<boolean> {
  try {
    if (guests.length > 0) await beforeAbort(deadline, letGo(network, guests));
    await beforeAbort(deadline, network.remove());
  } catch (error) {
    if (statusOf(error) === 403) return true;
    if (statusOf(error) !== 404) throw error;
  }
  return false;
}

async function letGo(network: Docker.Network, guests: readonly string[]): Promise<void> {
  const { Containers }: Docker.NetworkInspectInfo = await network.inspect();
  for (const [Container, { IPv4Address }] of Object.entries(Containers ?? {})) {
    if (guests.includes(IPv4Address.split('/')[0] ?? ''))
      await network.disconnect({ Container, Force: true });
  }
}

/** Remove a container and its volumes, whatever it does; also where somebody else does so at this moment. */
export async function removeContainer(container: Docker.Container, deadline: AbortSignal): Promise<void> {
  for (;;) {
    try {
      return await beforeAbort(deadline, container.remove({ force: true, v: true }));
    } catch (error) {
      if (statusOf(error) === 404) return;
      if (statusOf(error) !== 409 || deadline.aborted) throw error;
    }
    await wait(POLL_MS);
  }
}
