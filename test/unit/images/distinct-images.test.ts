import { describe, expect, test } from 'vitest';
import { distinctImages } from '../../../server/images/prepare-images.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('an image that two scenarios name', () => {
  test('is made once where its folders are the same', async () => {
    await using folder = await temporaryFolder();
    for (const lab of ['one', 'two']) await folder.write(`${lab}/Dockerfile`, 'FROM scratch\n');
    const recipes = ['one', 'two'].map((lab) => ({ name: 'alpine', context: `${folder.path}/${lab}` }));
    expect(await distinctImages(recipes)).toMatchObject([{ recipe: { name: 'alpine' } }]);
  });

  test('is that of the first where they differ', async () => {
    await using folder = await temporaryFolder();
    for (const lab of ['one', 'two']) await folder.write(`${lab}/Dockerfile`, `FROM scratch AS ${lab}\n`);
    const [one, two] = [`${folder.path}/one`, `${folder.path}/two`];
    const recipes = [one, two].map((context) => ({ name: 'alpine', context }));
    const found = await distinctImages(recipes);
    expect(found.map(({ recipe }) => recipe.context)).toEqual([one]);
  });
});
