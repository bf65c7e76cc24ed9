import { createReadStream } from 'node:fs';
import type Docker from 'dockerode';

/** What every image is built from where no hub answers: a minimal Debian made on this machine. */
export const BASE_IMAGE = { repository: 'drydock/debian', tag: 'trixie' } as const;
export const BASE_IMAGE_NAME = `${BASE_IMAGE.repository}:${BASE_IMAGE.tag}`;

/** Give an engine the base image from a tar of its file system. */
export async function importBaseImage(docker: Docker, tar: string): Promise<void> {
  const progress = await docker.importImage(createReadStream(tar), {
    fromSrc: '-',
    repo: BASE_IMAGE.repository,
    tag: BASE_IMAGE.tag,
  });
  for await (const _ of progress);
}
