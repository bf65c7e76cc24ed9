import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labImages } from '../../../server/images/prepare-images.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const DOCKERFILE = 'FROM scratch\n';

describe('the images of several scenarios', () => {
  it('hold one that two of them name only once', async () => {
    await using folder = await temporaryFolder();
    await folder.write('a/Dockerfile', DOCKERFILE);
    await folder.write('b/Dockerfile', DOCKERFILE);
    const recipe = (name: string) => ({ name: 'alpine', context: join(folder.path, name) });
    const one = await labImages(folder.path, [recipe('a')]);
    const both = await labImages(folder.path, [recipe('a'), recipe('b')]);
    expect(both.inputs).toEqual(one.inputs);
  });

  it('are another engine once a file of theirs has changed', async () => {
    await using folder = await temporaryFolder();
    await folder.write('a/Dockerfile', DOCKERFILE);
    const recipes = [{ name: 'alpine', context: join(folder.path, 'a') }];
    const before = await labImages(folder.path, recipes);
    await folder.write('a/Dockerfile', `${DOCKERFILE}LABEL other=yes\n`);
    expect((await labImages(folder.path, recipes)).inputs).not.toEqual(before.inputs);
  });
});
