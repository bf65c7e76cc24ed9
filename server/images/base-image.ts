import { createReadStream } from 'node:fs';
import type Docker from 'dockerode';

/** What every image is built from where no hub answers: a minimal Debian made on this machine. */
export const BASE_IMAGE_NAME = 'drydock/debian:trixie';

/** Give an engine the base image from a tar of its file system. */
export async function importBaseImage(
  docker: Docker,
  tar: string,
  name: string = BASE_IMAGE_NAME,
): Promise<void> {
  const progress = await docker.importImage(createReadStream(tar), { fromSrc: '-', ...repositoryTag(name) });
  for await (const _ of progress);
}

/** A name with a tag as the engine's API wants it. */
export function repositoryTag(name: string): { repo: string; tag: string } {
  const [repo = name, tag = 'latest'] = name.split(':');
  return { repo, tag };
}
