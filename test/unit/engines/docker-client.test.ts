import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DockerEnvironment } from '../../../server/engines/engine.ts';
import { dockerClient } from '../../../server/engines/docker-client.ts';
import { makeCertificates } from '../../../server/engines/embedded/certificates.ts';
import { listen } from '../../support/listen.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** An engine that says its name when it is pinged. */
const engine =
  (name: string): RequestListener =>
  (request, response) =>
    // Kept-alive connections would hold the server open.
    response.setHeader('Connection', 'close').end(request.url === '/_ping' ? name : 'something else');

/** The name of the engine that answers to a client with these variables. */
const reached = async (environment: DockerEnvironment) => String(await dockerClient({ environment }).ping());

afterEach(() => vi.unstubAllEnvs());

describe('a client of an engine', () => {
  it('reaches one over a Unix socket, whatever engine the process itself is set to', async () => {
    await using folder = await temporaryFolder();
    const socket = join(folder.path, 'engine.sock');
    await using owned = new AsyncDisposableStack();
    owned.use(await listen(createServer(engine('on a socket')), socket));
    await using another = await listen(createServer(engine('of the process')));
    for (const own of [`tcp://127.0.0.1:${another.port}`, 'unix:///nowhere.sock', '']) {
      vi.stubEnv('DOCKER_HOST', own);
      vi.stubEnv('DOCKER_TLS_VERIFY', own === '' ? '' : '1');
      expect(await reached({ DOCKER_HOST: `unix://${socket}` })).toBe('on a socket');
    }
  });

  it('reaches one over TCP, whatever engine the process itself is set to', async () => {
    await using folder = await temporaryFolder();
    const socket = join(folder.path, 'engine.sock');
    await using owned = new AsyncDisposableStack();
    owned.use(await listen(createServer(engine('of the process')), socket));
    await using tcp = await listen(createServer(engine('on a port')));
    vi.stubEnv('DOCKER_HOST', `unix://${socket}`);
    vi.stubEnv('DOCKER_TLS_VERIFY', '1');
    expect(await reached({ DOCKER_HOST: `tcp://127.0.0.1:${tcp.port}` })).toBe('on a port');
  });

  it('reaches one over TLS with its certificates, and not with those of the process', async () => {
    await using folder = await temporaryFolder();
    const [ours, others] = await Promise.all([makeCertificates(), makeCertificates()]);
    const write = async (name: string, { ca, client }: typeof ours) => {
      const files = { 'ca.pem': ca, 'cert.pem': client.cert, 'key.pem': client.key };
      const writes = Object.entries(files).map(([file, text]) => folder.write(`${name}/${file}`, text));
      await Promise.all(writes);
      return join(folder.path, name);
    };
    await using tls = await listen(
      createTlsServer({ ...ours.server, ca: ours.ca, requestCert: true }, engine('by TLS')),
    );
    const DOCKER_HOST = `tcp://127.0.0.1:${tls.port}`;
    const foreign = await write('others', others);
    vi.stubEnv('DOCKER_HOST', DOCKER_HOST);
    vi.stubEnv('DOCKER_CERT_PATH', foreign);
    expect(await reached({ DOCKER_HOST, DOCKER_CERT_PATH: await write('ours', ours) })).toBe('by TLS');
    await expect(reached({ DOCKER_HOST, DOCKER_CERT_PATH: foreign })).rejects.toThrow(/certificate/);
  });
});
