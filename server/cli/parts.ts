import { basename } from 'node:path';
import { embeddedFolders } from '../engines/embedded/build-embedded.ts';
import { guestSize } from '../engines/embedded/guest-shape.ts';
import { baseFolder } from '../images/prepare-images.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { engineContents, type EngineConfig } from './engine-contents.ts';

/** The parts of this version's engine by their names: where each is in the cache folder, or will be. */
export type Parts = Readonly<Record<string, string>>;

/** Where everything that is built is. The base image is left out: only building images takes it. */
export async function findParts(config: EngineConfig, scenarios: Iterable<Scenario>): Promise<Parts> {
  const { cache, machine } = config;
  const contents = await engineContents(config, scenarios);
  return embeddedFolders(cache, contents, guestSize(machine), machine.diskGiB);
}

/** One name for all that an engine is started from: its snapshot's, which is made of the others. */
export const engineId = (parts: Parts): string => basename(parts['snapshot'] ?? '');

/** All folders of a cache that this version uses. */
export const currentFolders = async (cache: string, parts: Parts): Promise<ReadonlySet<string>> =>
  new Set([...Object.values(parts), await baseFolder(cache)]);
