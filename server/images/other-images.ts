import type { ImageRecipe } from './build-image.ts';
import { distinctImages } from './prepare-images.ts';

/** An image that some lab makes otherwise than one before it does, by the folders that both build it from. */
export type OtherImage = { name: string; context: string; first: string };

/**
 * For each lab, by its place, those of its images that another lab before it makes under the same name. Hosts have one
 * image under a name, which is that of the first lab.
 */
export async function otherImages(labs: readonly (readonly ImageRecipe[])[]): Promise<OtherImage[][]> {
  const makers = new Map<string, { context: string; version: string }>();
  const others: OtherImage[][] = [];
  for (const recipes of labs) {
    const own: OtherImage[] = [];
    for (const { recipe, version } of await distinctImages(recipes)) {
      const { name, context } = recipe;
      const maker = makers.get(name);
      if (maker === undefined) makers.set(name, { context, version });
      else if (maker.version !== version) own.push({ name, context, first: maker.context });
    }
    others.push(own);
  }
  return others;
}
