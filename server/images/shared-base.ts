import type Docker from 'dockerode';
import { UserError } from '../engines/user-error.ts';
import type { Work } from '../engines/stages.ts';
import { importBaseImage, repositoryTag } from './base-image.ts';
import { imageExists } from './engine-images.ts';

/** What the Dockerfiles are written for. */
export const HUB_BASE = 'debian:trixie-slim';

/** Longer than 30 MB take on a slow line; an engine that has no line to the hub says so within seconds. */
const PULL_LIMIT_MS = 180_000;

const ARCHITECTURES: Readonly<Record<string, readonly string[]>> = {
  x64: ['x86_64', 'amd64'],
  arm64: ['aarch64', 'arm64'],
};

export type SharedBase = {
  docker: Docker;
  /** The name that it is to have. */
  name: string;
  /** The engine's, in its own words. */
  architecture: string;
  /** Makes one on this machine, as a tar of its file system. */
  make: (work: Work) => Promise<string>;
};

/**
 * Give an engine the base image, from the hub where that answers, else from this machine. What the engine had before,
 * it has afterwards, under the same names.
 *
 * @returns whether it comes from the hub, so that it knows where packages are
 */
export async function bringBase(
  { docker, name, architecture, make }: SharedBase,
  work: Work,
): Promise<boolean> {
  if (await takeHubBase(docker, name, work)) return true;
  if (ARCHITECTURES[process.arch]?.includes(architecture) !== true) {
    throw new UserError(
      `The Docker engine (${architecture}) cannot reach the hub for ${HUB_BASE}, and an image made on this machine (${process.arch}) does not run there. Pull ${HUB_BASE} on that engine and start again.`,
    );
  }
  await importBaseImage(docker, await make(work), name);
  return false;
}

async function takeHubBase(docker: Docker, name: string, { onLine, signal }: Work): Promise<boolean> {
  const hadIt = await imageExists(docker, HUB_BASE);
  if (!hadIt) {
    onLine(`pulling ${HUB_BASE}`);
    try {
      const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(PULL_LIMIT_MS)]);
      const progress = await docker.pull(HUB_BASE, { abortSignal });
      await new Promise<void>((resolve, reject) => {
        docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
      });
    } catch (error) {
      signal.throwIfAborted();
      onLine(`not from the hub: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }
  await docker.getImage(HUB_BASE).tag(repositoryTag(name));
  if (!hadIt) await docker.getImage(HUB_BASE).remove({ noprune: true });
  return true;
}
