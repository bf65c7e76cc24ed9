import type Docker from 'dockerode';
import { LABELS } from '../../server/clusters/labels.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { engineBeside } from '../../server/engines/embedded/start-embedded.ts';
import { IMAGE_STORE } from '../../server/images/image-store.ts';
import { REGISTRY_STORE } from '../../server/images/registry.ts';

/** A client of the engine that a server has started from a cache folder. */
export async function engineOf(cache: string): Promise<Docker> {
  const engine = await engineBeside(cache, 'server');
  if (engine === null) throw new Error('No engine is running.');
  return dockerClient(engine);
}

/** The clusters that an engine has containers or networks of, and its volumes that belong to none of its containers. */
export async function contentsOf(docker: Docker) {
  const filters = { label: [LABELS.cluster] };
  const [containers, networks, { Volumes }] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes(),
  ]);
  const clusters = (things: readonly { Labels?: Record<string, string> | undefined }[]) =>
    [...new Set(things.map(({ Labels }) => Labels?.[LABELS.cluster] ?? ''))].toSorted();
  const used = new Set(
    containers.flatMap(({ Mounts }) =>
      Mounts.flatMap((mount) => ('Name' in mount ? (mount.Name ?? []) : [])),
    ),
  );
  const strays = Volumes.map(({ Name }) => Name).filter(
    (name) => ![IMAGE_STORE, REGISTRY_STORE].includes(name) && !used.has(name),
  );
  return {
    containers: clusters(containers),
    networks: clusters(networks),
    strays,
    /** Hosts that are. */
    frozen: containers.filter(({ State, Labels }) => State === 'paused' && LABELS.host in Labels).length,
  };
}

/** All that an engine has, whoever's it is. */
export async function wholeContents(docker: Docker) {
  const [images, { Volumes }, containers, networks] = await Promise.all([
    docker.listImages({ all: true }),
    docker.listVolumes(),
    docker.listContainers({ all: true }),
    docker.listNetworks(),
  ]);
  return {
    images: images.map(({ Id, RepoTags }) => `${Id} ${RepoTags?.join() ?? ''}`).toSorted(),
    volumes: Volumes.map(({ Name }) => Name).toSorted(),
    containers: containers.map(({ Id, State }) => `${Id} ${State}`).toSorted(),
    // Its first network is there where it has networks of its own at all.
    networks: networks
      .map(({ Name }) => Name)
      .filter((name) => name !== 'bridge')
      .toSorted(),
  };
}
