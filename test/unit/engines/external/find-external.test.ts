import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dockerContext } from '../../../../server/engines/external/docker-context.ts';
import { externalPlaces, findExternal } from '../../../../server/engines/external/find-external.ts';
import { engineAnswers } from '../../../support/engine-answers.ts';
import { listen } from '../../../support/listen.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const PATH = process.env['PATH'];

describe('looking for an external engine', { timeout: 60_000 }, () => {
  it('finds the one that DOCKER_HOST names, and what it is', async () => {
    await using folder = await temporaryFolder();
    const socket = join(folder.path, 'engine.sock');
    const asked: string[] = [];
    await using _ = await listen(engineAnswers('well', asked), socket);
    const environment = { PATH, HOME: folder.path, DOCKER_HOST: `unix://${socket}` };
    expect(await findExternal({ environment })).toEqual({
      state: 'found',
      engine: {
        environment: { DOCKER_HOST: `unix://${socket}` },
        id: 'an-engine',
        version: '28.1.0',
        os: 'linux',
        architecture: 'x86_64',
        kernel: '6.12.0',
        memoryMiB: 8192,
        cores: 4,
        storageDriver: 'overlay2',
        cgroupVersion: '2',
        rootless: true,
      },
    });
    // Looking changes nothing.
    expect(asked.filter((request) => !request.startsWith('GET '))).toEqual([]);
  });

  it('finds the one that the Docker command’s context names, on a port', async () => {
    await using folder = await temporaryFolder();
    await using engine = await listen(engineAnswers('well'));
    const host = `tcp://127.0.0.1:${engine.port}`;
    await writeContext(folder, 'school', host);
    await folder.write('.docker/config.json', '{"currentContext": "school"}');
    const search = await findExternal({ environment: { PATH, HOME: folder.path } });
    expect(search).toMatchObject({ state: 'found', engine: { environment: { DOCKER_HOST: host } } });
  });

  it('says that one which answers with errors cannot be used', async () => {
    await using folder = await temporaryFolder();
    const socket = join(folder.path, 'engine.sock');
    await using _ = await listen(engineAnswers('broken'), socket);
    const environment = { PATH, HOME: folder.path, DOCKER_HOST: `unix://${socket}` };
    expect(await findExternal({ environment })).toMatchObject({ state: 'silent', places: ['DOCKER_HOST'] });
  });

  it('waits no longer than it should for one that does not answer', async () => {
    await using folder = await temporaryFolder();
    const socket = join(folder.path, 'engine.sock');
    await using _ = await listen(engineAnswers('silent'), socket);
    const environment = { PATH, HOME: folder.path, DOCKER_HOST: `unix://${socket}` };
    expect(await findExternal({ environment, limitMs: 3000 })).toMatchObject({
      state: 'silent',
      reason: 'no answer within 3 seconds',
    });
  });

  it('says that one which is not there cannot be used', async () => {
    await using folder = await temporaryFolder();
    const environment = { PATH, HOME: folder.path, DOCKER_HOST: `unix://${folder.path}/nothing` };
    expect(await findExternal({ environment })).toMatchObject({ state: 'silent' });
  });
});

describe('the places of external engines', () => {
  it('are the variables, the settings and the sockets that are there', async () => {
    await using home = await temporaryFolder();
    const runtime = join(home.path, 'run');
    const environment = { XDG_RUNTIME_DIR: runtime };
    const others = await externalPlaces(environment, home.path);
    await home.write('run/docker.sock', '');
    await home.write('.testcontainers.properties', '# a comment\ntc.host = tcp://elsewhere:2375\n');
    expect(await externalPlaces({ ...environment, DOCKER_HOST: 'tcp://elsewhere:2375' }, home.path)).toEqual([
      '.testcontainers.properties',
      'DOCKER_HOST',
      ...others.filter((place) => place.startsWith('/var/')),
      join(runtime, 'docker.sock'),
      ...others.filter((place) => !place.startsWith('/var/')),
    ]);
  });
});

describe('a context of the Docker command', () => {
  it('is the one that the variable names before the current one, with its certificates', async () => {
    await using home = await temporaryFolder();
    await writeContext(home, 'other', 'tcp://other:2376');
    const certificates = `.docker/contexts/tls/${idOf('other')}/docker`;
    await home.write(`${certificates}/cert.pem`, '');
    await home.write('.docker/config.json', '{"currentContext": "nothing"}');
    expect(await dockerContext({ DOCKER_CONTEXT: 'other' }, home.path)).toEqual({
      DOCKER_HOST: 'tcp://other:2376',
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: join(home.path, certificates),
    });
  });

  it.each([undefined, '{}', '{"currentContext": "default"}'])('is none by default: %j', async (config) => {
    await using home = await temporaryFolder();
    if (config !== undefined) await home.write('.docker/config.json', config);
    expect(await dockerContext({}, home.path)).toBeNull();
  });
});

const idOf = (name: string) => createHash('sha256').update(name).digest('hex');

async function writeContext(
  home: Awaited<ReturnType<typeof temporaryFolder>>,
  name: string,
  host: string,
): Promise<void> {
  const meta = { Name: name, Endpoints: { docker: { Host: host } } };
  await home.write(`.docker/contexts/meta/${idOf(name)}/meta.json`, JSON.stringify(meta));
}
