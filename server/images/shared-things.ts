import type Docker from 'dockerode';
import { OWNER_LABEL } from '../engines/owner.ts';
import { removeIfUnused } from './engine-images.ts';

/** An engine that does not answer is not waited for. */
const ANSWER_LIMIT_MS = 10_000;

const filtersOf = (owner: string) => ({ label: [`${OWNER_LABEL}=${owner}`] });

/** What the images of an owner take on an engine, in bytes; its volumes hold about as much again. */
export async function sharedBytes(docker: Docker, owner: string): Promise<number> {
  const abortSignal = AbortSignal.timeout(ANSWER_LIMIT_MS);
  const images = await docker.listImages({ filters: filtersOf(owner), abortSignal });
  return images.reduce((sum, { Size }) => sum + Size, 0);
}

/**
 * Remove the images and volumes of an owner that nothing uses, all or those of other names than are to be kept; and what
 * builds have left without a name, also those that were cut off.
 */
export async function removeShared(
  docker: Docker,
  owner: string,
  isKept: (name: string) => boolean = () => false,
): Promise<void> {
  const images = await docker.listImages({ filters: filtersOf(owner) });
  for (const name of images.flatMap(({ RepoTags }) => RepoTags ?? [])) {
    if (!isKept(name)) await removeIfUnused(docker.getImage(name));
  }
  const { Volumes } = await docker.listVolumes({ filters: filtersOf(owner) });
  for (const { Name } of Volumes) if (!isKept(Name)) await removeIfUnused(docker.getVolume(Name));
  await removeNameless(docker, owner);
}

async function removeNameless(docker: Docker, owner: string): Promise<void> {
  const filters = { ...filtersOf(owner), dangling: ['true'] };
  let before = '';
  for (;;) {
    const images = (await docker.listImages({ filters })).map(({ Id }) => Id);
    // What is still used stays.
    if (images.length === 0 || images.join() === before) return;
    before = images.join();
    // Each goes with those that it was made of, as far as nothing else is.
    for (const id of images) await removeIfUnused(docker.getImage(id));
  }
}
