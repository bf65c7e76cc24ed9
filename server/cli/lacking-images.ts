import { otherImages } from '../images/other-images.ts';
import { labImages } from '../images/prepare-images.ts';
import type { LocalizedText, Slug } from '../protocol/index.ts';
import { lenderOf } from '../scenarios/image-folders.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { LabError } from '../sessions/errors.ts';

/** Of a lab that came, or whose images changed, after the engine was started. */
const NOT_THERE: LocalizedText = {
  en: 'The engine that runs does not have the images of this lab as they are now. They are built when Drydock is started again after the labs that are open have ended, or after “npm run drydock -- down”.',
  'zh-CN':
    '当前运行的引擎没有这个实验现在所需的镜像。待已打开的实验结束后重新启动 Drydock，或运行 “npm run drydock -- down” 之后再启动，便会构建这些镜像。',
};

const otherImage = (image: string, slug: Slug): LocalizedText => ({
  en: `This lab makes another image under the name ${image} than the lab ${slug}, and hosts can have one only. Give the image of this lab another name, or remove its folder, where it is to be the same image.`,
  'zh-CN': `这个实验以 ${image} 为名构建的镜像与实验 ${slug} 的不同，而主机上同名镜像只能有一个。请给这个实验的镜像另取名字；如果本应是同一个镜像，请删除这个实验中的镜像目录。`,
});

/**
 * The scenarios that need something, hosts or images, which an engine was not built with.
 *
 * @param there everything that it was built with, as `labImages` names it
 * @param scenarios in their order: of two that make different images under one name, the first has it
 * @param outdated whether an earlier version of Drydock has built it
 */
export async function lackingImages(
  cache: string,
  there: ReadonlySet<string>,
  scenarios: Iterable<Scenario>,
  outdated: boolean,
): Promise<Map<Slug, LabError>> {
  const lacks = new Map<Slug, LabError>();
  const all = [...scenarios];
  const others = await otherImages(all.map(({ images }) => images));
  for (const [index, { slug, images }] of all.entries()) {
    const other = others[index]?.[0];
    const { inputs } = await labImages(cache, images);
    if (inputs.every((input) => there.has(input))) continue;
    if (outdated) lacks.set(slug, new LabError('engine_outdated'));
    else {
      const text = other === undefined ? NOT_THERE : otherImage(other.name, lenderOf(other.first));
      lacks.set(slug, new LabError('scenario_unavailable', text));
    }
  }
  return lacks;
}
