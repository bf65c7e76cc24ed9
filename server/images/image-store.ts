import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { LAB_HOST, LAB_HOST_CAPABILITIES, LAB_HOST_SECURITY } from './lab-host.ts';
import { HUB, REGISTRY, REGISTRY_STORE, REGISTRY_STORE_PATH } from './registry.ts';

/** The volume that holds the images of all scenarios, unpacked, as hosts attach them. */
export const IMAGE_STORE = 'drydock-images';

/** Where a host finds it, read-only. */
export const IMAGE_STORE_PATH = '/var/lib/drydock/images';

/**
 * Fill the image store and the registry of an engine from its own images. A lab host's engine loads them into the
 * store's volume, so that what is stored there is in the very format that hosts read, and pushes them to the
 * registry. The two are alone on a network that only they see.
 */
export async function fillImageStore(docker: Docker, images: readonly string[]): Promise<void> {
  await docker.createVolume({ Name: IMAGE_STORE });
  await docker.createVolume({ Name: REGISTRY_STORE });
  const registry = await docker.createContainer({
    Image: REGISTRY.name,
    Cmd: ['/etc/registry/fill.yml'],
    HostConfig: {
      Binds: [`${REGISTRY_STORE}:${REGISTRY_STORE_PATH}`],
      NetworkMode: 'none',
      // Who shares its network shares its names.
      ExtraHosts: [`${HUB.name}:127.0.0.1`],
    },
  });
  try {
    await registry.start();
    await fillStore(docker, images, registry.id);
  } finally {
    await registry.remove({ force: true, v: true });
  }
}

async function fillStore(docker: Docker, images: readonly string[], registry: string): Promise<void> {
  const container = await docker.createContainer({
    Image: LAB_HOST.name,
    Entrypoint: ['/usr/local/lib/drydock/fill-images'],
    Cmd: [...images],
    OpenStdin: true,
    StdinOnce: true,
    HostConfig: {
      Binds: [`${IMAGE_STORE}:${IMAGE_STORE_PATH}`],
      NetworkMode: `container:${registry}`,
      Init: true,
      CapAdd: [...LAB_HOST_CAPABILITIES],
      SecurityOpt: [...LAB_HOST_SECURITY],
    },
  });
  try {
    const stream = await container.attach({
      stream: true,
      stdin: true,
      stdout: true,
      stderr: true,
      hijack: true,
    });
    const said = new PassThrough();
    let log = '';
    said.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4000)));
    docker.modem.demuxStream(stream, said, said);
    await container.start();
    await pipeline(await saveImages(docker, images), stream, { end: true });
    const ended: unknown = await container.wait();
    if (!isSuccess(ended)) throw new Error(`The image store could not be filled.\n${log}`);
  } finally {
    await container.remove({ force: true, v: true });
  }
}

const isSuccess = (ended: unknown) =>
  typeof ended === 'object' && ended !== null && 'StatusCode' in ended && ended.StatusCode === 0;

/** What `docker save` gives for several images at once: layers that they share are in it once. */
async function saveImages(docker: Docker, names: readonly string[]): Promise<Readable> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        // The client takes the last character of a path with a query for a bare `?` and drops it.
        path: `/images/get?${names.map((name) => `names=${encodeURIComponent(name)}&`).join('')}`,
        method: 'GET',
        isStream: true,
        statusCodes: { 200: true, 404: 'no such image', 500: 'server error' },
      },
      (error: unknown, stream: unknown) => {
        if (stream instanceof Readable) resolve(stream);
        else reject(error instanceof Error ? error : new Error('The engine gave no images.'));
      },
    );
  });
}
