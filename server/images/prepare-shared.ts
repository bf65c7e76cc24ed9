import type Docker from 'dockerode';
import { aptMirror } from '../engines/apt.ts';
import { digestOfFolder } from '../engines/cached-folder.ts';
import { SUITE } from '../engines/embedded/debian-root.ts';
import { OWNER_LABEL } from '../engines/owner.ts';
import { packageProxies } from '../engines/proxies.ts';
import type { Stages, Work } from '../engines/stages.ts';
import { UserError } from '../engines/user-error.ts';
import { repositoryTag } from './base-image.ts';
import { buildImage, type BuildMeans, type ImageRecipe } from './build-image.ts';
import { imageExists, removeIfUnused, volumeExists } from './engine-images.ts';
import type { Ground } from './ground.ts';
import { fillImageStore } from './image-store.ts';
import { KERNEL_PROBE, lookAtKernel, type KernelFindings } from './kernel-probe.ts';
import { LAB_HOST } from './lab-host.ts';
import { distinctImages, IMAGE_STAGES, imageInputs } from './prepare-images.ts';
import { PROBE } from './probe.ts';
import { EGRESS_LABEL, EGRESS_NETWORK, startEgress } from './egress.ts';
import { joinNetwork, REGISTRY, REGISTRY_LABEL, startSharedRegistry } from './registry.ts';
import { bringBase } from './shared-base.ts';
import { removeShared } from './shared-things.ts';
import { sharedNames, type SharedNames } from './shared-names.ts';

/** On containers that are gone when they have done their work, unless that was cut off. */
const WORK_LABEL = 'drydock.work';

export type SharedOptions = {
  docker: Docker;
  owner: string;
  /** The engine's processor, in its own words. */
  architecture: string;
  /** The images of all scenarios. */
  recipes: readonly ImageRecipe[];
  stages: Stages;
  /** Makes the base image on this machine, as a tar of its file system; called where no hub answers. */
  makeBase: (work: Work) => Promise<string>;
};

/**
 * What one Drydock keeps on an engine that others use too: everything under names and labels of its own, found again
 * by a version of all inputs, and made anew where that has changed. Nothing else on the engine is touched.
 */
export class SharedImages {
  readonly names: SharedNames;
  readonly labels: Readonly<Record<string, string>>;
  readonly #options: SharedOptions;
  readonly #images: readonly ImageRecipe[];
  #means: BuildMeans | null = null;

  private constructor(options: SharedOptions, images: readonly ImageRecipe[], names: SharedNames) {
    this.#options = options;
    this.#images = images;
    this.names = names;
    this.labels = { [OWNER_LABEL]: options.owner };
  }

  static async of(options: SharedOptions): Promise<SharedImages> {
    const images = await distinctImages(options.recipes);
    const inputs = [...(await imageInputs(images)), await digestOfFolder(KERNEL_PROBE.context)];
    const names = sharedNames(options.owner, inputs);
    return new SharedImages(
      options,
      images.map(({ recipe }) => recipe),
      names,
    );
  }

  /** What the kernel of the engine's containers lacks. The image that looks is built where it is not there. */
  async lookAtKernel(): Promise<KernelFindings> {
    const { docker, stages } = this.#options;
    const { kernelProbe } = this.names;
    await this.#removeWork();
    if (!(await imageExists(docker, kernelProbe))) {
      const means = await this.#buildMeans();
      await stages.run(IMAGE_STAGES.kernel, ({ onLine }) =>
        this.#build(KERNEL_PROBE, kernelProbe, means, onLine),
      );
    }
    return lookAtKernel(docker, kernelProbe, this.#workLabels, stages.signal);
  }

  /** Build what is not there: others may have removed some of it. The image of hosts has its name only once all else is. */
  async build(): Promise<void> {
    const { docker } = this.#options;
    const { labHost, probe, registry, imageStore, registryStore } = this.names;
    const there = await Promise.all([
      ...[labHost, probe, registry].map((name) => imageExists(docker, name)),
      ...[imageStore, registryStore].map((name) => volumeExists(docker, name)),
    ]);
    if (there.includes(false)) await this.#make();
  }

  /**
   * Everything that hosts are made from, the registry that they ask, and what lets them out where that is wanted.
   *
   * @param closed the network of a cluster that is not let out
   * @param egress the range that clusters which are let out take their addresses from; null where none is
   */
  async prepare(closed: Ground['network'], egress: string | null): Promise<Ground> {
    const { docker, stages } = this.#options;
    const { names, labels } = this;
    await this.build();
    const registry = {
      image: names.registry,
      store: names.registryStore,
      name: names.registryContainer,
      labels,
    };
    await startSharedRegistry(docker, registry, stages.signal);
    const letsOut = egress === null ? null : { container: names.egressContainer };
    if (egress === null) await this.#removeEgress();
    else {
      await this.#removeEgress(names.egressContainer);
      const way = { image: names.labHost, name: names.egressContainer, labels, pool: egress };
      await startEgress(docker, way, stages.signal);
    }
    await this.#joinClusters(REGISTRY_LABEL, names.registryContainer);
    if (letsOut) await this.#joinClusters(EGRESS_LABEL, letsOut.container);
    await this.#removeOlder();
    return {
      labels,
      labHost: names.labHost,
      probe: names.probe,
      imageStore: names.imageStore,
      registry: { container: names.registryContainer },
      egress: letsOut,
      network: letsOut ? EGRESS_NETWORK : closed,
    };
  }

  /** Remove every image and volume of this owner that nothing uses, and what was left half-done. */
  async remove(): Promise<void> {
    await this.#removeWork();
    const { docker, owner } = this.#options;
    await removeShared(docker, owner);
    // It has no label, as it is not built.
    await removeIfUnused(docker.getImage(this.names.base));
  }

  async #make(): Promise<void> {
    const { docker, stages } = this.#options;
    const { names } = this;
    const means = await this.#buildMeans();
    await stages.run(IMAGE_STAGES.labHost, async ({ onLine }) => {
      await this.#build(REGISTRY, names.registry, means, onLine);
      await this.#build(PROBE, names.probe, means, onLine);
      const host = { ...LAB_HOST, args: { REGISTRY: names.registry } };
      await this.#build(host, names.labHostDraft, means, onLine);
    });
    await stages.run(IMAGE_STAGES.scenario, async ({ onLine }) => {
      for (const [index, recipe] of this.#images.entries()) {
        await this.#build(recipe, names.scenarioImage(index), means, onLine);
      }
    });
    await stages.run(IMAGE_STAGES.store, async () => {
      const volumes = [names.imageStore, names.registryStore];
      // One that was cut off may be half full.
      for (const name of volumes) await removeIfUnused(docker.getVolume(name));
      const images = this.#images.map(({ name }, index) => ({ from: names.scenarioImage(index), name }));
      await fillImageStore(docker, images, {
        labHost: names.labHostDraft,
        registry: names.registry,
        imageStore: names.imageStore,
        registryStore: names.registryStore,
        labels: this.#workLabels,
      });
      await docker.getImage(names.labHostDraft).tag(repositoryTag(names.labHost));
      // Hosts use the store: what it was filled from is of no more use.
      for (const { from } of images) await removeIfUnused(docker.getImage(from));
      for (const name of [names.labHostDraft, names.base]) await removeIfUnused(docker.getImage(name));
    });
  }

  get #workLabels(): Readonly<Record<string, string>> {
    return { ...this.labels, [WORK_LABEL]: '' };
  }

  async #build(
    recipe: ImageRecipe,
    name: string,
    means: BuildMeans,
    onLine: (line: string) => void,
  ): Promise<void> {
    await buildImage(this.#options.docker, { ...recipe, name, labels: this.labels }, means, onLine);
  }

  /** What images are built with; the base is brought to the engine for it. */
  async #buildMeans(): Promise<BuildMeans> {
    if (this.#means !== null) return this.#means;
    const { docker, architecture, stages, makeBase: make } = this.#options;
    const name = this.names.base;
    const fromHub = await stages.run(IMAGE_STAGES.base, async (work) =>
      (await imageExists(docker, name)) ? true : bringBase({ docker, name, architecture, make }, work),
    );
    const mirror = await aptMirror().catch((error: unknown) => {
      // The hub's image knows mirrors of its own.
      if (!fromHub || !(error instanceof UserError)) throw error;
      return null;
    });
    this.#means = {
      base: name,
      aptSources: mirror === null ? '' : `deb ${mirror} ${SUITE} main`,
      proxies: await packageProxies(),
    };
    return this.#means;
  }

  /** Clusters of an earlier start may have lost what stood beside their hosts. */
  async #joinClusters(label: string, container: string): Promise<void> {
    const { docker, owner } = this.#options;
    const filters = { label: [`${OWNER_LABEL}=${owner}`, label] };
    for (const { Id, Labels } of await docker.listNetworks({ filters })) {
      const address = Labels?.[label];
      const { Containers }: Docker.NetworkInspectInfo = await docker.getNetwork(Id).inspect();
      const taken = Object.values(Containers ?? {}).some(
        ({ IPv4Address }) => IPv4Address.split('/')[0] === address,
      );
      if (address !== undefined && !taken) {
        await joinNetwork(docker, container, Id, address);
      }
    }
  }

  /** All that let labs out, of this version and others; null keeps none. */
  async #removeEgress(kept: string | null = null): Promise<void> {
    const { docker, owner } = this.#options;
    const filters = { label: [`${OWNER_LABEL}=${owner}`, EGRESS_LABEL] };
    for (const { Id, Names } of await docker.listContainers({ all: true, filters })) {
      if (Names[0]?.slice(1) !== kept) await docker.getContainer(Id).remove({ force: true, v: true });
    }
  }

  async #removeWork(): Promise<void> {
    const { docker, owner } = this.#options;
    const filters = { label: [`${OWNER_LABEL}=${owner}`, WORK_LABEL] };
    for (const { Id } of await docker.listContainers({ all: true, filters })) {
      await docker.getContainer(Id).remove({ force: true, v: true });
    }
  }

  /** Older registries go when the last cluster beside which they stand has gone, and then what they were made of. */
  async #removeOlder(): Promise<void> {
    const { docker, owner } = this.#options;
    const filters = { label: [`${OWNER_LABEL}=${owner}`, REGISTRY_LABEL] };
    for (const { Id, Names, NetworkSettings } of await docker.listContainers({ all: true, filters })) {
      const name = Names[0]?.slice(1) ?? '';
      const others = Object.keys(NetworkSettings.Networks).filter((network) => network !== name);
      if (name === this.names.registryContainer || others.length > 0) continue;
      await docker.getContainer(Id).remove({ force: true });
      await docker.getNetwork(name).remove();
    }
    await removeShared(docker, owner, (name) => name.endsWith(this.names.version));
  }
}
