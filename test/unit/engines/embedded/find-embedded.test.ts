import { expect, it } from 'vitest';
import { engineBeside, findEmbedded } from '../../../../server/engines/embedded/start-embedded.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const never = new AbortController().signal;

it.each([
  ['nothing', null],
  ['the beginning of a record, as a kill leaves it', '{"port":12'],
  ['what is no record', '{"port":"all"}'],
  ['the record of one that has ended', '{"port":1234,"memoryMiB":2048}'],
])('no engine is found where there is %s', async (_what, record) => {
  await using cache = await temporaryFolder();
  if (record !== null) await cache.write('engine-server/engine.json', record);
  expect(await findEmbedded(cache.path, 'server', never)).toBeNull();
  expect(await engineBeside(cache.path, 'server')).toBeNull();
});
