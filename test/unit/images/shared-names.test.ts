import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dockerClient } from '../../../server/engines/docker-client.ts';
import { BuildLeftovers } from '../../../server/images/engine-images.ts';
import { sharedNames } from '../../../server/images/shared-names.ts';
import { listen } from '../../support/listen.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const OWNER = '0123456789ab';

it('names on a shared engine differ by owner and by version, and end in both', () => {
  const names = sharedNames(OWNER, ['one']);
  expect(names.version).toMatch(/^0123456789ab-[0-9a-f]{16}$/);
  for (const name of [names.labHost, names.registry, names.imageStore, names.registryStore]) {
    expect(name.endsWith(names.version)).toBe(true);
    expect(Object.values(sharedNames('ba9876543210', ['one']))).not.toContain(name);
    expect(Object.values(sharedNames(OWNER, ['two']))).not.toContain(name);
  }
});

it('images that a build leaves without a name are removed, and none that has one', async () => {
  await using folder = await temporaryFolder();
  const socket = join(folder.path, 'engine.sock');
  const removed: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'DELETE') removed.push(request.url);
    response.setHeader('content-type', 'application/json');
    const named = request.url?.includes('aaaaaaaaaaaa');
    response.end(
      JSON.stringify(request.method === 'GET' ? { RepoTags: named ? ['debian:trixie-slim'] : [] } : []),
    );
  });
  await using _ = await listen(server, socket);
  const leftovers = new BuildLeftovers();
  const printed = [
    'Step 1/3 : FROM x',
    '---> aaaaaaaaaaaa',
    '---> Running in 0123456789ab',
    '---> bbbbbbbbbbbb',
  ];
  for (const line of printed) leftovers.onLine(line);
  await leftovers.remove(dockerClient({ environment: { DOCKER_HOST: `unix://${socket}` } }));
  expect(removed).toEqual([expect.stringContaining('/images/bbbbbbbbbbbb')]);
});
