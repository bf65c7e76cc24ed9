import { digest } from '../engines/cached-folder.ts';

/** The names of everything that one Drydock keeps on an engine that others use too. */
export type SharedNames = {
  /** What images and volumes of this version end in. */
  readonly version: string;
  readonly base: string;
  readonly kernelProbe: string;
  readonly probe: string;
  readonly registry: string;
  /** Before all else is there, and once it is: an image of this name says that nothing is missing. */
  readonly labHostDraft: string;
  readonly labHost: string;
  readonly imageStore: string;
  readonly registryStore: string;
  /** Of the registry's container and its network. */
  readonly registryContainer: string;
  /** Of the container that lets labs out. */
  readonly egressContainer: string;
  /** While it is being put into the store: learners' names belong to whoever else uses the engine. */
  scenarioImage(index: number): string;
};

/**
 * @param owner the Drydock: two of different versions may share an engine, and neither throws away what the other uses
 * @param inputs everything that the images depend on
 */
export function sharedNames(owner: string, inputs: readonly string[]): SharedNames {
  const version = `${owner}-${digest(inputs)}`;
  return {
    version,
    base: `drydock/base:${version}`,
    kernelProbe: `drydock/kernel-probe:${version}`,
    probe: `drydock/probe:${version}`,
    registry: `drydock/registry:${version}`,
    labHostDraft: `drydock/lab-host:${version}-draft`,
    labHost: `drydock/lab-host:${version}`,
    imageStore: `drydock-images-${version}`,
    registryStore: `drydock-registry-${version}`,
    registryContainer: `drydock-registry-${version}`,
    egressContainer: `drydock-egress-${version}`,
    scenarioImage: (index) => `drydock/scenario-image:${version}-${index}`,
  };
}
