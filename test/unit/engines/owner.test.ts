import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { ownerOf } from '../../../server/engines/owner.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

it('a cache folder has one owner, made when it is first asked for', async () => {
  await using folder = await temporaryFolder();
  const owners = await Promise.all(Array.from({ length: 5 }, () => ownerOf(`${folder.path}/cache`)));
  expect(new Set(owners).size).toBe(1);
  expect(owners[0]).toMatch(/^[0-9a-f]{12}$/);
  expect(await ownerOf(`${folder.path}/cache`)).toBe(owners[0]);
  expect(await readdir(`${folder.path}/cache`)).toEqual(['owner']);
});

it('two cache folders have two', async () => {
  await using one = await temporaryFolder();
  await using other = await temporaryFolder();
  expect(await ownerOf(one.path)).not.toBe(await ownerOf(other.path));
});
