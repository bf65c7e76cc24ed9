import { describe, expect, it } from 'vitest';
import { io } from 'socket.io-client';
import { DeviceCode, routes, type SessionView } from '../../server/protocol/index.ts';
import type { LabClient } from '../support/lab-client.ts';
import { ownCertificate } from '../support/own-certificate.ts';
import { rawRequest } from '../support/raw-request.ts';
import { passed } from '../support/scripted-checks.ts';
import { ACCESS_CODE, OPERATOR_TOKEN } from '../support/test-access.ts';
import { DOOR_HTML, INDEX_HTML, startTestApp } from '../support/test-app.ts';

const HTML = { accept: 'text/html' };
const OPERATOR = { authorization: `Bearer ${OPERATOR_TOKEN}` };
const SLUG = 'two-steps';
/** What others reach, though the test itself stays on the loopback. */
const EXPOSED = { accessCode: ACCESS_CODE };

const enter = (client: LabClient, code: string) => client.request('POST', routes.access(), {}, { code });

/** The code by which the learner goes on elsewhere. */
const codeOf = async (client: LabClient) =>
  DeviceCode.parse((await client.request<unknown>('POST', routes.deviceCode())).body);

describe('a server that others reach', () => {
  it('asks for its code before anything else', async () => {
    await using app = await startTestApp({ site: EXPOSED });
    using stranger = app.client();
    for (const path of ['/', `/labs/${SLUG}`, '/join', '/any/where', '/index.html']) {
      const { status, body, headers } = await stranger.request<unknown>('GET', path, HTML);
      expect([path, status, body]).toEqual([path, 401, DOOR_HTML]);
      expect(headers.getSetCookie()).toEqual([]);
    }
    for (const [method, path] of [
      ['GET', routes.scenarios()],
      ['GET', routes.engine()],
      ['POST', routes.session(SLUG)],
      ['POST', routes.deviceCode()],
      ['POST', routes.signOutOthers()],
      ['GET', '/api/nothing'],
    ] as const) {
      const { status, body } = await stranger.request(method, path);
      expect([path, status, body.error]).toEqual([path, 401, 'access_required']);
    }
    expect(app.provisioner.requests).toBe(0);
  });

  it.each([['websocket'], ['polling']] as const)('opens no %s before it', async (transport) => {
    await using app = await startTestApp({ site: EXPOSED });
    using stranger = app.client();
    const refusal = { data: { error: 'access_required' } };
    await expect(stranger.connect({ transports: [transport] })).rejects.toMatchObject(refusal);
    expect(app.log.text).toContain('no access code');
    expect((await enter(stranger, ACCESS_CODE)).status).toBe(204);
    stranger.cookie = stranger.cookie.replaceAll('access', 'no-access');
    await expect(stranger.connect({ transports: [transport] })).rejects.toMatchObject(refusal);
  });

  it('lets in who knows it, and gives them a lab', async () => {
    await using app = await startTestApp({ site: EXPOSED });
    using learner = app.client();
    const wrong = await enter(learner, 'k7mq-2xvd-9rtc');
    expect([wrong.status, wrong.body.error]).toEqual([403, 'code_wrong']);
    const right = await enter(learner, ACCESS_CODE.toUpperCase());
    expect(right.status).toBe(204);
    expect(right.headers.getSetCookie()).toEqual([expect.stringMatching(/HttpOnly.*SameSite=Lax/)]);
    const page = await learner.request<unknown>('GET', '/', HTML);
    expect([page.status, page.body]).toEqual([200, INDEX_HTML]);
    expect(await learner.start()).toMatchObject({ status: 'ready' });
  });

  it('says to anybody that it is well, and whether labs can run', async () => {
    await using app = await startTestApp({ site: EXPOSED, preparing: true });
    const ask = async (path: string) => {
      // Those who look after servers ask by addresses of their own.
      const { status, body } = await rawRequest(app.url + path, { headers: { host: '10.1.2.3:7300' } });
      return [status, JSON.parse(body)];
    };
    expect(await ask('/healthz')).toEqual([200, { status: 'ok' }]);
    expect(await ask('/readyz')).toEqual([503, { status: 'preparing' }]);
    app.openEngine();
    expect(await ask('/readyz')).toEqual([200, { status: 'ready' }]);
  });
});

describe('a server that only this machine reaches', () => {
  it('asks for no code', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    expect((await learner.request<unknown>('GET', '/', HTML)).body).toBe(INDEX_HTML);
  });
});

describe('whoever operates the server', () => {
  it('lists the labs of all and ends one, by the token alone', async () => {
    await using app = await startTestApp({ site: EXPOSED });
    using learner = app.client();
    await enter(learner, ACCESS_CODE);
    const { run } = await learner.start();
    using operator = app.client();
    const list = await operator.request<unknown>('GET', routes.runningSessions(), OPERATOR);
    expect([list.status, list.body]).toMatchObject([200, [{ id: run, scenario: SLUG, status: 'ready' }]]);
    const ended = await operator.request('DELETE', routes.runningSession(run), OPERATOR);
    expect(ended.status).toBe(204);
    await learner.until('ended');
    const again = await operator.request('DELETE', routes.runningSession(run), OPERATOR);
    expect([again.status, again.body.error]).toEqual([404, 'session_not_found']);
  });

  it('is told in numbers how it fares', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    const checked = learner.check('first');
    await app.checks.untilAsked(1);
    app.checks.last.answer([passed, passed]);
    await checked;
    learner.attach('host01');
    learner.type('host01', 'hostname\r');
    await learner.untilScreen('host01', ({ text }) => text.includes('host01\r\n'));
    const { body, headers } = await learner.request<string>('GET', routes.metrics(), OPERATOR);
    expect(headers.get('content-type')).toContain('text/plain');
    const value = (name: string) =>
      Number(
        body
          .split('\n')
          .find((line) => line.startsWith(name))
          ?.split(' ')[1],
      );
    expect(value('drydock_sessions{state="ready"}')).toBe(1);
    expect(value('drydock_sessions{state="provisioning"}')).toBe(0);
    expect(value('drydock_provisioning_seconds_count')).toBe(1);
    expect(value('drydock_spare_clusters')).toBe(0);
    expect(body).toMatch(/drydock_verdicts_total\{validator="[\w-]+",outcome="pass",asked="yes"\} 2/);
    expect(value('drydock_terminal_bytes_total{direction="in"}')).toBe('hostname\r'.length);
    expect(value('drydock_terminal_bytes_total{direction="out"}')).toBeGreaterThan(0);
    expect(value('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0);
    expect(body).not.toContain(learner.cookie.split('=')[1]?.split('.')[0]);
  });
});

describe('another device', () => {
  it('goes on with the same lab, once it has the code, and has been let in by it', async () => {
    await using app = await startTestApp({ site: EXPOSED });
    using first = app.client();
    await enter(first, ACCESS_CODE);
    const { run } = await first.start();
    using second = app.client();
    const { code, secondsLeft } = await codeOf(first);
    expect(secondsLeft).toBe(600);
    const joined = await second.request('POST', routes.join(), {}, { code: ` ${code.toUpperCase()} ` });
    expect(joined.status).toBe(204);
    const { body } = await second.request<SessionView>('GET', routes.session(SLUG));
    expect(body.run).toBe(run);
    await second.connect();
    second.attach('host01');
    first.attach('host01');
    first.type('host01', 'hostname\r');
    await second.untilScreen('host01', ({ text }) => text.includes('host01\r\n'));
  });

  it('is shown a link with the code where other machines reach the server, as a picture too', async () => {
    await using app = await startTestApp({ site: { url: new URL('https://labs.example') } });
    using client = app.client();
    client.cookie = '';
    await enter(client, ACCESS_CODE);
    const shown = await codeOf(client);
    expect(shown.link).toBe(`https://labs.example/join#${shown.code}`);
    expect(shown.qr?.size).toBeGreaterThan(20);
    expect(shown.qr?.path).toMatch(/^(M\d+ \d+h1v1h-1z)+$/);
  });

  it('is shown no link that would lead to itself', async () => {
    await using app = await startTestApp();
    using client = app.client();
    expect(await codeOf(client)).toMatchObject({ link: null, qr: null });
  });

  it('is given codes to an end, also where whoever asks for them becomes somebody else each time', async () => {
    await using app = await startTestApp();
    const answers: number[] = [];
    for (let owner = 0; owner < 40; owner++) {
      using client = app.client();
      const asked = Array.from({ length: 10 }, () => client.request('POST', routes.deviceCode()));
      answers.push(...(await Promise.all(asked)).map(({ status }) => status));
    }
    const given = answers.filter((status) => status === 200).length;
    expect(given).toBeGreaterThanOrEqual(300);
    expect(answers.slice(given)).toContain(429);
  });

  it('is asked before it becomes somebody’s: the page for it is no more than a page', async () => {
    await using app = await startTestApp();
    using client = app.client();
    const { status, body, headers } = await client.request<unknown>('GET', '/join', HTML);
    expect([status, body, headers.getSetCookie()]).toEqual([200, DOOR_HTML, []]);
  });

  it('is signed out by the first, at once, which goes on itself', async () => {
    await using app = await startTestApp();
    using first = app.client();
    const { run } = await first.start();
    using second = app.client();
    await second.request('POST', routes.join(), {}, { code: (await codeOf(first)).code });
    await second.connect();
    expect(second.session?.run).toBe(run);
    const waiting = await codeOf(first);
    expect((await first.request('POST', routes.signOutOthers())).status).toBe(204);
    await second.untilDisconnected();
    await expect(second.connect()).rejects.toMatchObject({
      data: { error: 'bad_request', message: { en: expect.stringContaining('signed out') } },
    });
    // Nobody new by a request that was perhaps under way, but by the next page that is opened.
    const refused = await second.request('GET', routes.session(SLUG));
    expect([refused.status, refused.body.error, refused.headers.getSetCookie()]).toEqual([
      400,
      'bad_request',
      [],
    ]);
    await second.request<unknown>('GET', '/', HTML);
    expect((await second.request('GET', routes.session(SLUG))).status).toBe(404);
    const late = await second.request('POST', routes.join(), {}, { code: waiting.code });
    expect(late.body.error).toBe('code_wrong');
    await first.connect();
    expect(first.session?.run).toBe(run);
  });
});

describe('a server with a certificate of its own', () => {
  it('speaks TLS, to pages’ sockets too, gives cookies for TLS alone, and takes a renewed certificate', async () => {
    const certificate = await ownCertificate();
    await using app = await startTestApp({ site: { ...EXPOSED, certificate } });
    expect(app.url).toMatch(/^https:/);
    const ask = (ca: string) =>
      rawRequest(app.url + routes.access(), {
        ca,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code: ACCESS_CODE }),
      });
    const { status, headers } = await ask(certificate.cert);
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect([status, cookie]).toEqual([204, expect.stringMatching(/^__Host-drydock_access_.*; Secure/)]);
    const page = await rawRequest(`${app.url}/`, {
      ca: certificate.cert,
      headers: { ...HTML, cookie: cookie.split(';', 1)[0] ?? '' },
    });
    const cookies = [cookie, ...(page.headers['set-cookie'] ?? [])].map((each) => each.split(';', 1)[0]);
    const socket = io(app.url, {
      auth: { scenario: SLUG },
      transports: ['websocket'],
      ca: certificate.cert,
      reconnection: false,
      extraHeaders: { cookie: cookies.join('; '), origin: app.url },
    });
    try {
      expect(
        await new Promise((resolve, reject) => {
          socket.on('session', resolve).on('connect_error', reject);
        }),
      ).toBeNull();
    } finally {
      socket.disconnect();
    }
    const renewed = await ownCertificate();
    app.renew(renewed);
    expect((await ask(renewed.cert)).status).toBe(204);
    await expect(ask(certificate.cert)).rejects.toThrow(/certificate/);
  });
});
