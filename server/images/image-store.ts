import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { LAB_HOST, LAB_HOST_CAPABILITIES, LAB_HOST_SECURITY } from './lab-host.ts';
import { HUB, REGISTRY, REGISTRY_STORE, REGISTRY_STORE_PATH } from './registry.ts';

/** The volume that holds the images of all scenarios, unpacked, as hosts attach them. */
export const IMAGE_STORE = 'drydock-images';

/** An image as an engine has it, and the name that it is to have in the store and the registry. */
export type StoredImage = { from: string; name: string };

/** Where the store is filled: the names of its images and volumes on the engine. */
export type StorePlaces = {
  labHost: string;
  registry: string;
  imageStore: string;
  registryStore: string;
  labels: Readonly<Record<string, string>>;
};

export const EMBEDDED_PLACES: StorePlaces = {
  labHost: LAB_HOST.name,
  registry: REGISTRY.name,
  imageStore: IMAGE_STORE,
  registryStore: REGISTRY_STORE,
  labels: {},
};

/** Where a host finds it, read-only. */
export const IMAGE_STORE_PATH = '/var/lib/drydock/images';

/**
 * Fill the image store and the registry of an engine from its own images. A lab host's engine loads them into the
 * store's volume, so that what is stored there is in the very format that hosts read, and pushes them to the
 * registry. The two are alone on a network that only they see.
 */
export async function fillImageStore(
  docker: Docker,
  images: readonly StoredImage[],
  places: StorePlaces = EMBEDDED_PLACES,
): Promise<void> {
  const Labels = { ...places.labels };
  await docker.createVolume({ Name: places.imageStore, Labels });
  await docker.createVolume({ Name: places.registryStore, Labels });
  const registry = await docker.createContainer({
    Image: places.registry,
    Cmd: ['/etc/registry/fill.yml'],
    Labels,
    HostConfig: {
      Binds: [`${places.registryStore}:${REGISTRY_STORE_PATH}`],
      NetworkMode: 'none',
      // Who shares its network shares its names.
      ExtraHosts: [`${HUB.name}:127.0.0.1`],
    },
  });
  try {
    await registry.start();
    await fillStore(docker, images, places, registry.id);
  } finally {
    await registry.remove({ force: true, v: true });
  }
}

async function fillStore(
  docker: Docker,
  images: readonly StoredImage[],
  { labHost, imageStore, labels }: StorePlaces,
  registry: string,
): Promise<void> {
  const container = await docker.createContainer({
    Image: labHost,
    Entrypoint: ['/usr/local/lib/drydock/fill-images'],
    Cmd: images.flatMap(({ from, name }) => [from, name]),
    Labels: { ...labels },
    OpenStdin: true,
    StdinOnce: true,
    HostConfig: {
      Binds: [`${imageStore}:${IMAGE_STORE_PATH}`],
      NetworkMode: `container:${registry}`,
      Init: true,
      CapDrop: ['ALL'],
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
    const names = images.map(({ from }) => from);
    // Asked for none, an engine refuses.
    if (names.length > 0) await pipeline(await saveImages(docker, names), stream, { end: true });
    else stream.end();
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
