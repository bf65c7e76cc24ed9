import type Docker from 'dockerode';
import { answerLimit, beforeAbort } from '../before-abort.ts';
import { dockerClient } from '../docker-client.ts';
import type { LabEngine } from '../engine.ts';
import { OWNER_LABEL } from '../owner.ts';
import { UserError } from '../user-error.ts';
import type { ExternalAnswer } from './external-answer.ts';

const ANSWER_LIMIT_MS = 10_000;
/** An engine that is being updated is away for some seconds. */
const GONE_AFTER_MS = 60_000;
/** What removing everything takes an engine that is busy. */
const REMOVE_LIMIT_MS = 60_000;

/**
 * An engine that is somebody else's, as one that labs run on. It is neither stopped nor started: disposing it removes
 * what this owner runs there, and nothing of anybody else's. It knows no lease, and a lease that cannot be renewed for
 * a minute means that the engine has gone.
 */
export async function externalEngine(
  answer: ExternalAnswer,
  owner: string,
  goneAfterMs: number = GONE_AFTER_MS,
): Promise<LabEngine> {
  const docker = dockerClient(answer);
  const failed = new AbortController();
  let answeredAt = performance.now();
  const ask = () => docker.listContainers({ limit: 1, abortSignal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  return {
    environment: answer.environment,
    // The machine has other things to do.
    memoryMiB: Math.round(answer.memoryMiB / 2),
    failed: failed.signal,
    adopted: (await containersOf(docker, owner)).length > 0,
    run: answer.id,
    async lease() {
      try {
        await ask();
        answeredAt = performance.now();
      } catch (error) {
        if (performance.now() - answeredAt > goneAfterMs) {
          const { DOCKER_HOST: address } = answer.environment;
          failed.abort(new UserError(`The Docker engine at ${address} does not answer any more.`));
        }
        throw error;
      }
    },
    // One that is away for some seconds, as while it is updated, comes back with what is on it.
    runs: () => Promise.resolve(!failed.signal.aborted),
    release: () => undefined,
    async [Symbol.asyncDispose]() {
      try {
        await removeAllOf(docker, owner);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new UserError(
          `What Drydock runs on the Docker engine at ${answer.environment.DOCKER_HOST} could not be removed (${reason}): the containers and networks with the label ${OWNER_LABEL}=${owner} are left there. The next start on it removes them, and so does “npm run drydock -- down”, once it answers.`,
          { cause: error },
        );
      }
    },
  };
}

const filtersOf = (owner: string) => ({ label: [`${OWNER_LABEL}=${owner}`] });

/** All containers of an owner. An engine that does not say at once what there is hangs. */
async function containersOf(docker: Docker, owner: string): Promise<readonly Docker.ContainerInfo[]> {
  const asked = docker.listContainers({ all: true, filters: filtersOf(owner) });
  return beforeAbort(answerLimit(ANSWER_LIMIT_MS), asked);
}

/**
 * Remove every container and network of an owner; its images and volumes stay. Resolves with how many containers. An
 * engine that does not answer is waited for no longer than is said.
 */
export async function removeAllOf(
  docker: Docker,
  owner: string,
  limitMs: number = REMOVE_LIMIT_MS,
): Promise<number> {
  const limit = answerLimit(limitMs);
  const containers = await containersOf(docker, owner);
  await beforeAbort(
    limit,
    Promise.all(
      containers.map(({ Id }) => unlessGone(docker.getContainer(Id).remove({ force: true, v: true }))),
    ),
  );
  const networks = await beforeAbort(limit, docker.listNetworks({ filters: filtersOf(owner) }));
  await beforeAbort(
    limit,
    Promise.all(networks.map(({ Id }) => unlessGone(removeNetwork(docker.getNetwork(Id))))),
  );
  return containers.length;
}

/** Also where something is on it still, such as a container that is just being removed. */
async function removeNetwork(network: Docker.Network): Promise<void> {
  const { Containers }: Docker.NetworkInspectInfo = await network.inspect();
  for (const Container of Object.keys(Containers ?? {})) {
    await unlessGone(network.disconnect({ Container, Force: true }));
  }
  await network.remove();
}

async function unlessGone(removal: Promise<unknown>): Promise<void> {
  await removal.catch((error: unknown) => {
    const gone = typeof error === 'object' && error !== null && 'statusCode' in error;
    // 404: it has gone; 409: somebody else removes it at this moment.
    if (!gone || (error.statusCode !== 404 && error.statusCode !== 409)) throw error;
  });
}
