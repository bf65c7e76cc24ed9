import { rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ApiError, CatalogueEntry, routes, ScenarioView } from '../../server/protocol/index.ts';
import { INDEX_HTML, startTestApp } from '../support/test-app.ts';

const SLUG = 'two-steps';
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('the API', () => {
  it('lists the labs and describes each, as the protocol says', async () => {
    await using app = await startTestApp();
    using client = app.client();
    const list = await client.request<unknown>('GET', routes.scenarios());
    expect(CatalogueEntry.array().parse(list.body)).toMatchObject([{ progress: null }]);
    const view = ScenarioView.parse((await client.request<unknown>('GET', routes.scenario(SLUG))).body);
    expect(view.intro.en).toContain('welcome');
    expect(view.steps.map(({ checks }) => checks.length)).toEqual([2, 1]);
  });

  it.each([
    ['GET', '/api/scenarios/other', 404, 'scenario_not_found'],
    ['POST', '/api/scenarios/other/session', 404, 'scenario_not_found'],
    ['GET', '/api/scenarios/__proto__', 404, 'scenario_not_found'],
    ['GET', '/api/scenarios/%zz', 400, 'bad_request'],
    ['GET', `/api/scenarios/${SLUG}/session`, 404, 'session_not_found'],
    ['DELETE', `/api/scenarios/${SLUG}/session`, 404, 'session_not_found'],
    ['POST', `/api/scenarios/${SLUG}/session/next`, 404, 'session_not_found'],
    ['GET', '/api/nothing', 404, 'bad_request'],
    ['DELETE', '/api/scenarios', 404, 'bad_request'],
  ] as const)('answers %s %s by %i %s, for people in two languages', async (method, path, status, error) => {
    await using app = await startTestApp();
    using client = app.client();
    const answer = await client.request<unknown>(method, path, HTML);
    const body = ApiError.parse(answer.body);
    expect([answer.status, body.error]).toEqual([status, error]);
    expect(body.message.en).toBeTruthy();
    expect(body.message['zh-CN']).toBeTruthy();
  });

  it('answers step_not_found and session_not_ready where it should', async () => {
    await using app = await startTestApp();
    using client = app.client();
    app.provisioner.hold();
    await client.request('POST', routes.session(SLUG));
    const answers = [
      await client.request('GET', routes.step(SLUG, 'third')),
      await client.check('first'),
      await client.next(),
    ];
    expect(answers.map(({ status, body }) => [status, body.error])).toEqual([
      [404, 'step_not_found'],
      [409, 'session_not_ready'],
      [409, 'session_not_ready'],
    ]);
    app.provisioner.release();
  });

  it('tells no browser to keep its answers', async () => {
    await using app = await startTestApp();
    using client = app.client();
    const { headers } = await client.request('GET', routes.scenarios());
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('an owner', () => {
  it('is made at the first visit of a page or of the API, and kept', async () => {
    await using app = await startTestApp();
    for (const path of ['/', `/labs/${SLUG}`, routes.scenarios()]) {
      using client = app.client();
      await client.request('GET', path, HTML);
      expect(client.cookie).toMatch(/^drydock_owner_[0-9a-f]{16}=[\w-]{22}\.0~[\w-]{43}$/);
      const again = await client.request('GET', path, HTML);
      expect(again.headers.getSetCookie()).toEqual([]);
    }
  });

  it('is made anew for a cookie that no server of ours has set', async () => {
    await using app = await startTestApp();
    using client = app.client();
    await client.request('GET', routes.scenarios());
    const [name = '', made] = client.cookie.split('=');
    client.cookie = `${name}=admin`;
    await client.request('GET', routes.scenarios());
    expect(client.cookie).not.toBe(`${name}=${made}`);
    expect(client.cookie).toMatch(/^drydock_owner_[0-9a-f]{16}=[\w-]{22}\.0~[\w-]{43}$/);
  });
});

describe('a foreign origin', () => {
  it.each([
    ['POST', routes.session(SLUG)],
    ['DELETE', routes.session(SLUG)],
    ['POST', routes.check(SLUG, 'first')],
    ['POST', routes.next(SLUG)],
  ] as const)('may not %s %s', async (method, path) => {
    await using app = await startTestApp();
    using client = app.client();
    const { status, body } = await client.request(method, path, { origin: 'http://evil.example' });
    expect([status, body.error]).toEqual([403, 'forbidden_origin']);
    expect(app.provisioner.requests).toBe(0);
  });

  it('is not this server’s own', async () => {
    await using app = await startTestApp();
    using client = app.client();
    const { status } = await client.request('POST', routes.session(SLUG), { origin: app.url });
    expect(status).toBe(200);
  });
});

/** Ask for a path as if the server had another name; `fetch` would not. */
async function getAs(url: string, name: string, path: string, headers: Record<string, string> = {}) {
  const { port } = new URL(url);
  const host = `${name}:${port}`;
  const request = get({ host: '127.0.0.1', port, path, headers: { ...headers, host } });
  return new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', (response) => resolve(response.resume())).on('error', reject);
  });
}

describe('a name that is not this machine’s', () => {
  it('is refused, so that no site can point its own name here and be of the same origin', async () => {
    await using app = await startTestApp();
    const { statusCode } = await getAs(app.url, 'evil.example', '/', HTML);
    expect(statusCode).toBe(403);
  });
});

describe('another of this machine’s own names', () => {
  it('leads a browser to the one that the server tells, under which it has its owner', async () => {
    await using app = await startTestApp();
    const { statusCode, headers } = await getAs(app.url, 'localhost', '/labs/x?a=%20b', HTML);
    const target = new URL(headers.location ?? '', 'http://localhost').href;
    expect([statusCode, target]).toEqual([307, `${app.url}/labs/x?a=%20b`]);
    expect(headers['set-cookie']).toBeUndefined();
  });

  it('is as good as that for all that is no page', async () => {
    await using app = await startTestApp();
    for (const path of [routes.scenarios(), '/theme.js', '/']) {
      expect((await getAs(app.url, 'localhost', path, { accept: '*/*' })).statusCode).toBe(200);
    }
  });
});

describe('the root', () => {
  it('is the page for whoever looks whether the server is there, with curl for instance', async () => {
    await using app = await startTestApp();
    using client = app.client();
    const { status, body } = await client.request<unknown>('GET', '/', { accept: '*/*' });
    expect([status, body]).toEqual([200, INDEX_HTML]);
  });
});

describe('the page', () => {
  it('is given for every path that a browser navigates to, and asked for anew each time', async () => {
    await using app = await startTestApp();
    using client = app.client();
    for (const path of ['/', `/labs/${SLUG}`, '/labs/no-such-lab', '/any/where']) {
      const { status, body, headers } = await client.request<unknown>('GET', path, HTML);
      expect([path, status, body]).toEqual([path, 200, INDEX_HTML]);
      expect(headers.get('cache-control')).toBe('no-cache');
      expect(headers.get('content-type')).toContain('text/html');
    }
  });

  it('has assets that a browser keeps for good, and other files that it asks for again', async () => {
    await using app = await startTestApp();
    using client = app.client();
    const asset = await client.request<unknown>('GET', '/assets/main-abc123.js');
    expect([asset.status, asset.body]).toEqual([200, 'export {};']);
    expect(asset.headers.get('cache-control')).toContain('immutable');
    const theme = await client.request<unknown>('GET', '/theme.js');
    expect(theme.status).toBe(200);
    expect(theme.headers.get('cache-control') ?? '').not.toContain('immutable');
  });

  it('does not stand in for a file that is missing', async () => {
    await using app = await startTestApp();
    using client = app.client();
    for (const [path, accept] of [
      ['/assets/gone-123.js', HTML.accept],
      ['/gone.js', '*/*'],
      ['/', 'application/json'],
    ] as const) {
      expect((await client.request('GET', path, { accept })).status).toBe(404);
    }
  });

  it('leads nowhere outside its folder', async () => {
    await using app = await startTestApp();
    using client = app.client();
    for (const path of [
      '/..%2f..%2fetc/passwd',
      '/assets/..%2findex.html',
      '/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    ]) {
      const { status } = await client.request('GET', path, { accept: '*/*' });
      expect([path, status >= 400 && status < 500]).toEqual([path, true]);
    }
  });

  it('that was never built is a logged error, not silence', async () => {
    await using app = await startTestApp();
    await rm(join(app.webRoot, 'index.html'));
    using client = app.client();
    const { status, body } = await client.request('GET', '/', HTML);
    expect([status, body.error]).toEqual([500, 'internal']);
    expect(app.log.errors.join('')).toContain('index.html');
  });

  it('may run its own scripts only, and be framed by nobody', async () => {
    await using app = await startTestApp();
    using client = app.client();
    const { headers } = await client.request('GET', '/', HTML);
    const policy = headers.get('content-security-policy')?.split(';') ?? [];
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy.filter((directive) => directive.includes('unsafe'))).toEqual([
      "style-src 'self' 'unsafe-inline'",
    ]);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.has('x-powered-by')).toBe(false);
  });
});
