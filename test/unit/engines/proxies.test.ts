import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { packageProxies } from '../../../server/engines/proxies.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const A = 'http://a.example:3128';
const B = 'http://b.example:3128';

/** The proxies of a machine whose apt is set up so, and that has these variables. */
async function proxiesOf(settings: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  await using folder = await temporaryFolder();
  const lines = settings.map((line) => `echo '${line}'\n`);
  await folder.write('apt-config', `#!/bin/sh\n${lines.join('')}`, 0o755);
  vi.stubEnv('PATH', `${folder.path}:${process.env['PATH']}`);
  return await packageProxies(environment);
}

afterEach(() => vi.unstubAllEnvs());

describe('the proxies that packages are fetched through', () => {
  it('are none where neither apt nor the environment has any', async () => {
    expect(await proxiesOf([], { http_proxy: '' })).toEqual({});
  });

  it('are those of the environment, in either case', async () => {
    const environment = { http_proxy: A, HTTPS_PROXY: B, no_proxy: 'localhost,.example' };
    const expected = { http_proxy: A, https_proxy: B, no_proxy: 'localhost,.example' };
    expect(await proxiesOf([], environment)).toEqual(expected);
  });

  it("are apt's own before those, and for https too where it has no other", async () => {
    const http = `Acquire::http::Proxy ${A}`;
    expect(await proxiesOf([http], { http_proxy: B })).toEqual({ http_proxy: A, https_proxy: A });
    const both = [http, `Acquire::https::Proxy ${B}`];
    expect(await proxiesOf(both, { https_proxy: A })).toEqual({ http_proxy: A, https_proxy: B });
  });

  it('are none where apt is told to do without', async () => {
    expect(await proxiesOf(['Acquire::http::Proxy DIRECT'], { http_proxy: B })).toEqual({});
  });

  it('are not those of single hosts', async () => {
    const settings = ['Acquire::http::Proxy ', `Acquire::http::Proxy::near.example ${A}`];
    expect(await proxiesOf(settings)).toEqual({});
  });

  it('are those of the environment where there is no apt', async () => {
    vi.stubEnv('PATH', join('/', 'nowhere'));
    expect(await packageProxies({ https_proxy: B })).toEqual({ https_proxy: B });
  });
});
