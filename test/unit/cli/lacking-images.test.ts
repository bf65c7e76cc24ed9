import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { engineContents } from '../../../server/cli/engine-contents.ts';
import { lackingImages } from '../../../server/cli/lacking-images.ts';
import { CLUSTER_POOL } from '../../../server/clusters/subnets.ts';
import { labImages } from '../../../server/images/prepare-images.ts';
import { loadScenarios } from '../../../server/scenarios/load-scenarios.ts';
import { ownScenarios } from '../../support/own-scenarios.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { GOOD, scenarioFolder } from '../scenarios/scenario-folder.ts';

test('a lab whose images came or changed after the engine was built cannot run on it, and says what to do', async () => {
  const withoutImages = { ...GOOD, 'images/redis/Dockerfile': undefined };
  await using cache = await temporaryFolder();
  await using folder = await scenarioFolder({
    lab: GOOD,
    plain: { ...withoutImages, 'scenario.yaml': (GOOD['scenario.yaml'] ?? '').replace(/images: .*\n/, '') },
  });
  const load = async () => [...(await loadScenarios(folder.path)).scenarios.values()];
  const images = (await load()).flatMap((scenario) => scenario.images);
  const there = new Set((await labImages(cache.path, images)).inputs);
  const lacking = async (outdated: boolean) =>
    Object.fromEntries(await lackingImages(cache.path, there, await load(), outdated));

  expect(await lacking(false)).toEqual({});
  await folder.write('lab/images/redis/Dockerfile', 'FROM scratch\nCMD ["other"]\n');
  const { lab, ...others } = await lacking(false);
  expect(others).toEqual({});
  expect(lab?.toApiError()).toMatchObject({
    error: 'scenario_unavailable',
    message: { en: expect.stringContaining('started again'), 'zh-CN': expect.stringContaining('重新启动') },
  });
  expect((await lacking(true))['lab']?.toApiError().error).toBe('engine_outdated');
});

test('a lab whose image folder has gone since it was read cannot run, and keeps nobody from knowing of others', async () => {
  await using cache = await temporaryFolder();
  await using folder = await scenarioFolder({ lab: GOOD });
  const scenarios = [...(await loadScenarios(folder.path)).scenarios.values()];
  const { inputs } = await labImages(cache.path, scenarios[0]?.images ?? []);
  await rm(`${folder.path}/lab/images`, { recursive: true });
  expect([...(await lackingImages(cache.path, new Set(inputs), scenarios, false)).keys()]).toEqual(['lab']);
});

test('a lab that names an image of another lab alone runs where that is built, and one served alone has it built', async () => {
  await using cache = await temporaryFolder();
  const yaml = (GOOD['scenario.yaml'] ?? '').replace("'redis:alpine'", 'alpine');
  await using folder = await scenarioFolder({
    lab: { ...GOOD, 'scenario.yaml': yaml, 'images/redis/Dockerfile': undefined },
  });
  const own = [...(await ownScenarios()).values()];
  const { inputs } = await labImages(
    cache.path,
    own.flatMap(({ images }) => images),
  );
  const mine = [...(await loadScenarios(folder.path)).scenarios.values()];
  expect((await lackingImages(cache.path, new Set(inputs), [...own, ...mine], false)).size).toBe(0);
  const alpine = inputs.filter((input) => input.startsWith('alpine '));
  expect(alpine).toHaveLength(1);
  const alone = await engineContents({ cache: cache.path, machine: {}, subnets: CLUSTER_POOL }, mine);
  expect(alone.inputs).toEqual(expect.arrayContaining(alpine));
});

test('a lab that makes another image under the name of one before it cannot run, and the other can', async () => {
  await using cache = await temporaryFolder();
  await using folder = await scenarioFolder({
    first: GOOD,
    second: { ...GOOD, 'images/redis/Dockerfile': 'FROM scratch\nCMD ["other"]\n' },
    third: GOOD,
  });
  const scenarios = [...(await loadScenarios(folder.path)).scenarios.values()];
  const { inputs } = await labImages(
    cache.path,
    scenarios.flatMap(({ images }) => images),
  );
  const { second, ...others } = Object.fromEntries(
    await lackingImages(cache.path, new Set(inputs), scenarios, false),
  );
  expect(others).toEqual({});
  expect(second?.toApiError()).toMatchObject({
    error: 'scenario_unavailable',
    message: { en: expect.stringContaining('under the name redis:alpine than the lab first') },
  });
});
