import { labImages } from '../images/prepare-images.ts';
import type { LocalizedText, Slug } from '../protocol/index.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { LabError } from '../sessions/errors.ts';

/** Of a lab that came, or whose images changed, after the engine was started. */
const NOT_THERE: LocalizedText = {
  en: 'The engine that runs does not have the images of this lab as they are now. They are built when Drydock is started again after the labs that are open have ended, or after “npm run drydock -- down”.',
  'zh-CN':
    '当前运行的引擎没有这个实验现在所需的镜像。待已打开的实验结束后重新启动 Drydock，或运行 “npm run drydock -- down” 之后再启动，便会构建这些镜像。',
};

/**
 * The scenarios that need something, hosts or images, which an engine was not built with.
 *
 * @param there everything that it was built with, as `labImages` names it
 * @param outdated whether an earlier version of Drydock has built it
 */
export async function lackingImages(
  cache: string,
  there: ReadonlySet<string>,
  scenarios: Iterable<Scenario>,
  outdated: boolean,
): Promise<Map<Slug, LabError>> {
  const lacks = new Map<Slug, LabError>();
  for (const { slug, images } of scenarios) {
    const { inputs } = await labImages(cache, images);
    if (inputs.every((input) => there.has(input))) continue;
    lacks.set(
      slug,
      outdated ? new LabError('engine_outdated') : new LabError('scenario_unavailable', NOT_THERE),
    );
  }
  return lacks;
}
