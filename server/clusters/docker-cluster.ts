import type Docker from 'dockerode';
import type { HostName } from '../protocol/index.ts';
import type { Cluster, Host } from './cluster.ts';
import type { DockerHost } from './docker-host.ts';
import { removeCluster } from './remove-cluster.ts';

/** A cluster whose hosts are containers of an engine. */
export class DockerCluster implements Cluster {
  readonly id: string;
  readonly hosts: ReadonlyMap<HostName, Host>;
  readonly #docker: Docker;
  readonly #hosts: readonly DockerHost[];

  constructor(id: string, hosts: readonly DockerHost[], docker: Docker) {
    this.id = id;
    this.hosts = new Map(hosts.map((host) => [host.name, host]));
    this.#docker = docker;
    this.#hosts = hosts;
  }

  async openAhead(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.openAhead(signal)));
  }

  async freeze(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.freeze()));
  }

  async thaw(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.thaw()));
  }

  async untilHostLost(signal: AbortSignal): Promise<HostName> {
    const found = new AbortController();
    const watched = AbortSignal.any([signal, found.signal]);
    try {
      return await Promise.race(
        this.#hosts.map(async (host) => {
          await host.untilStopped(watched);
          return host.name;
        }),
      );
    } finally {
      found.abort();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return removeCluster(this.#docker, this.id);
  }
}
