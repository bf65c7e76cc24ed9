import type { Config } from '../config.ts';
import type { EngineContents } from '../engines/embedded/build-embedded.ts';
import { labImages } from '../images/prepare-images.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { NO_WARM_UP, spareWarmUp } from './spare-warm-up.ts';

/** The settings that make Drydock's own engine another one. */
export type EngineConfig = Pick<Config, 'cache' | 'machine' | 'subnets'>;

/** Everything that Drydock's own engine is made with: the images of all scenarios, and a spare cluster for the first. */
export async function engineContents(
  { cache, subnets }: EngineConfig,
  scenarios: Iterable<Scenario>,
): Promise<EngineContents> {
  const all = [...scenarios];
  const images = await labImages(
    cache,
    all.flatMap((scenario) => scenario.images),
  );
  const first = all.find(({ ownHosts }) => ownHosts === null);
  const warmUp = first === undefined ? NO_WARM_UP : await spareWarmUp(cache, first.hosts, subnets);
  return { ...images, warmUp };
}
