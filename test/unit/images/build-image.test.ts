import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dockerClient } from '../../../server/engines/docker-client.ts';
import { UserError } from '../../../server/engines/user-error.ts';
import { buildImage } from '../../../server/images/build-image.ts';
import { listen } from '../../support/listen.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const MEANS = {
  base: 'drydock/debian:trixie',
  aptSources: 'deb http://mirror.example/debian trixie main',
  proxies: { http_proxy: 'http://proxy.example:3128' },
};

type Report = (response: ServerResponse, request: IncomingMessage) => void;

/** Build an image with an engine that takes the whole context and then reports as it is told to. */
async function build(report: Report) {
  await using owned = new AsyncDisposableStack();
  const folder = owned.use(await temporaryFolder());
  await folder.write('image/Dockerfile', 'ARG BASE\nFROM ${BASE}\n');
  await folder.write('image/files/start', '#!/bin/sh\n', 0o755);
  const asked = { url: new URL('http://engine'), context: Buffer.alloc(0) };
  const socket = join(folder.path, 'engine.sock');
  const server = createServer((request, response) => {
    void buffer(request).then((context) => {
      asked.url = new URL(request.url ?? '', 'http://engine');
      asked.context = context;
      response.setHeader('Connection', 'close');
      report(response, request);
    });
  });
  owned.use(await listen(server, socket));
  const docker = dockerClient({ environment: { DOCKER_HOST: `unix://${socket}` } });
  const lines: string[] = [];
  const recipe = { name: 'lab/image', context: join(folder.path, 'image') };
  const failure: unknown = await buildImage(docker, recipe, MEANS, (line) => lines.push(line)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const error = failure instanceof Error ? failure.message : failure;
  return { ...asked, lines, error, isAuthors: failure instanceof UserError, folder: folder.path };
}

const says = (...events: readonly object[]) => events.map((event) => `${JSON.stringify(event)}\r\n`).join('');

describe('building an image', () => {
  it('gives the engine the whole folder, and what the image is built with', async () => {
    const { url, context, error } = await build((response) => response.end(says({ stream: 'done' })));
    expect(error).toBeUndefined();
    expect(url.pathname).toBe('/build');
    expect(url.searchParams.get('t')).toBe('lab/image');
    expect(url.searchParams.get('networkmode')).toBe('host');
    expect(JSON.parse(url.searchParams.get('buildargs') ?? '')).toEqual({
      BASE: MEANS.base,
      APT_SOURCES: MEANS.aptSources,
      http_proxy: 'http://proxy.example:3128',
    });
    const tar = gunzipSync(context).toString('latin1');
    for (const part of ['Dockerfile', 'FROM ${BASE}', 'files/start']) expect(tar).toContain(part);
  });

  it('hands on what the engine says, line by line, without what only spaces it', async () => {
    const { lines } = await build((response) => {
      response.write(
        says({ stream: 'Step 1/2 : FROM drydock' }, { stream: '\n' }, { aux: { ID: 'sha256:1' } }),
      );
      response.end(says({ stream: ' ---> 12ab\n' }));
    });
    expect(lines).toEqual(['Step 1/2 : FROM drydock', '---> 12ab']);
  });

  it("fails with what the engine reports, the last that was said before and the author's file", async () => {
    const said = Array.from({ length: 30 }, (_, index) => ({ stream: `line ${index}.\n` }));
    const { error, isAuthors, folder } = await build((response) =>
      response.end(says(...said, { error: 'The command returned a non-zero code: 100' })),
    );
    expect(error).toContain(
      'The image lab/image could not be built: The command returned a non-zero code: 100',
    );
    expect(error).toContain('line 10.\n');
    expect(error).toMatch(/line 29\.\nSee to .*$/);
    expect(error).not.toContain('line 9.');
    expect(error).toContain(`${folder}/image/Dockerfile`);
    expect(isAuthors).toBe(true);
  });

  it('fails when the engine is gone before it has come to an end', async () => {
    const { error, isAuthors } = await build((response, request) => {
      response.write(says({ stream: 'Step 1/2' }), () => request.socket.destroy());
    });
    expect(isAuthors).toBe(false);
    expect(error).toContain('The image lab/image could not be built');
  });

  it.each([
    [400, 'dockerfile parse error line 2: unknown instruction: RUNN', true],
    [500, 'no space left', false],
  ])('fails with the name of the image when the engine answers %i', async (status, message, authors) => {
    const { error, isAuthors } = await build((response) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(says({ message })),
    );
    expect(error).toMatch(new RegExp(`The image lab/image could not be built: .*${message}`));
    expect(isAuthors).toBe(authors);
  });
});
