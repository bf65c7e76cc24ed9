import type Docker from 'dockerode';
import { z } from 'zod';

const Status = z.object({ statusCode: z.number() });

/** Whether an error is the engine's answer with one of these statuses. */
export const isAnswer = (error: unknown, ...statuses: readonly number[]): boolean => {
  const parsed = Status.safeParse(error);
  return parsed.success && statuses.includes(parsed.data.statusCode);
};

/** Whether an engine has an image of this name. */
export const imageExists = (docker: Docker, name: string): Promise<boolean> =>
  isThere(docker.getImage(name).inspect());

/** Whether an engine has a volume of this name. */
export const volumeExists = (docker: Docker, name: string): Promise<boolean> =>
  isThere(docker.getVolume(name).inspect());

async function isThere(inspection: Promise<unknown>): Promise<boolean> {
  try {
    await inspection;
    return true;
  } catch (error) {
    if (isAnswer(error, 404)) return false;
    throw error;
  }
}

/** Remove an image or volume; what has gone already, or is still used, is left as it is. */
export async function removeIfUnused(thing: Docker.Image | Docker.Volume): Promise<void> {
  await thing.remove().catch((error: unknown) => {
    if (!isAnswer(error, 404, 409)) throw error;
  });
}

/**
 * Remembers the images that a classic builder makes on the way and leaves without a name, as an engine of others has
 * to be left tidy and cannot be pruned: nobody knows whose the other nameless images are.
 */
export class BuildLeftovers {
  readonly #ids = new Set<string>();

  /** To be told of each line that the builder prints. */
  readonly onLine = (line: string): void => {
    const id = /^---> ([0-9a-f]{12})$/.exec(line)?.[1];
    if (id !== undefined) this.#ids.add(id);
  };

  /** Remove those that have no name and that nothing else is made of. */
  async remove(docker: Docker): Promise<void> {
    // The newest first, as each is made of those before it.
    for (const id of [...this.#ids].toReversed()) {
      const image = docker.getImage(id);
      const tags = await image.inspect().then(
        ({ RepoTags, RepoDigests }) => [...(RepoTags ?? []), ...(RepoDigests ?? [])],
        () => null,
      );
      if (tags?.length === 0) await removeIfUnused(image);
    }
  }
}
