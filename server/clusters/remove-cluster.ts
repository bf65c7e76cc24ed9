import { setTimeout as wait } from 'node:timers/promises';
import type Docker from 'dockerode';
import { LABELS } from './labels.ts';

const POLL_MS = 200;
const LIMIT_MS = 60_000;

/**
 * Remove every container, volume and network of a cluster; what is gone already is no failure, and what somebody else
 * removes at this moment is waited for.
 */
export async function removeCluster(docker: Docker, id: string): Promise<void> {
  const filters = { label: [`${LABELS.cluster}=${id}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const removals = await Promise.allSettled(
    containers.map(({ Id }) => removeContainer(docker.getContainer(Id))),
  );
  const networks = await docker.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => docker.getNetwork(Id).remove().catch(unlessGone)));
  for (const removal of removals) if (removal.status === 'rejected') throw removal.reason;
}

async function removeContainer(container: Docker.Container): Promise<void> {
  const deadline = AbortSignal.timeout(LIMIT_MS);
  for (;;) {
    try {
      return await container.remove({ force: true, v: true });
    } catch (error) {
      if (statusOf(error) === 404) return;
      if (statusOf(error) !== 409 || deadline.aborted) throw error;
    }
    await wait(POLL_MS);
  }
}

function unlessGone(error: unknown): void {
  if (statusOf(error) !== 404) throw error;
}

const statusOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
