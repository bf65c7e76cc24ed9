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
