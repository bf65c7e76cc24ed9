import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { clientMessages, DeviceCode, routes, type SessionView } from '../../server/protocol/index.ts';
import * as protocol from '../../server/protocol/index.ts';
import type { LabClient } from '../support/lab-client.ts';
import { rawRequest } from '../support/raw-request.ts';
import { twoStepScenario } from '../support/scenarios.ts';
import { ACCESS_CODE, OPERATOR_TOKEN } from '../support/test-access.ts';
import { startTestApp } from '../support/test-app.ts';

const SLUG = 'two-steps';
const RUN = '00000000-0000-4000-8000-000000000000';
const EXPOSED = { accessCode: ACCESS_CODE };
const JSON_BODY = { 'content-type': 'application/json' };

/** Every request that changes something. */
const CHANGES = [
  ['POST', routes.access()],
  ['POST', routes.join()],
  ['POST', routes.deviceCode()],
  ['POST', routes.signOutOthers()],
  ['DELETE', routes.runningSession(RUN)],
  ['POST', routes.session(SLUG)],
  ['DELETE', routes.session(SLUG)],
  ['POST', routes.check(SLUG, 'first')],
  ['POST', routes.next(SLUG)],
] as const;

/** Every request for something that is one owner's. */
const OWNED = [
  ['GET', routes.session(SLUG)],
  ['DELETE', routes.session(SLUG)],
  ['GET', routes.step(SLUG, 'first')],
  ['POST', routes.check(SLUG, 'first')],
  ['POST', routes.next(SLUG)],
  ['GET', routes.finish(SLUG)],
] as const;

const codeOf = async (client: LabClient) =>
  DeviceCode.parse((await client.request<unknown>('POST', routes.deviceCode())).body).code;

const enter = (client: LabClient, code: string) => client.request('POST', routes.access(), {}, { code });

describe('another site’s page', () => {
  it.each([
    ['a foreign origin', 'http://evil.example'],
    ['no origin of its own', 'null'],
    ['the neighbouring port', 'http://127.0.0.1:3000'],
    ['another name of this machine', 'http://localhost'],
    ['no URL', 'evil'],
  ])('with %s changes nothing and opens no socket', async (_what, origin) => {
    await using app = await startTestApp();
    using victim = app.client();
    const { run } = await victim.start();
    for (const [method, path] of CHANGES) {
      const { status, body } = await victim.request(method, path, { origin }, { code: ACCESS_CODE });
      expect([path, status, body.error]).toEqual([path, 403, 'forbidden_origin']);
    }
    for (const transport of ['websocket', 'polling'] as const) {
      using page = app.client();
      page.cookie = victim.cookie;
      await expect(page.connect({ transports: [transport], origin })).rejects.toThrow(/error/);
      expect(page.session).toBeUndefined();
    }
    expect((await victim.request<SessionView>('GET', routes.session(SLUG))).body).toMatchObject({
      run,
      status: 'ready',
    });
    expect(app.log.text).toContain('request refused');
    expect(app.log.text).toContain('foreign origin');
  });

  it('is known where its browser leaves the origin out, too', async () => {
    await using app = await startTestApp();
    using victim = app.client();
    await victim.start();
    for (const site of ['cross-site', 'same-site']) {
      const { status } = await victim.request('DELETE', routes.session(SLUG), { 'sec-fetch-site': site });
      expect(status).toBe(403);
    }
    // A program names none, and has nobody's cookie.
    using program = app.client();
    expect((await program.request('DELETE', routes.session(SLUG))).status).toBe(404);
  });

  it('cannot go on with the polling of a page of ours', async () => {
    await using app = await startTestApp();
    using victim = app.client();
    await victim.start();
    const poll = `${app.url}/socket.io/?EIO=4&transport=polling`;
    const { body } = await rawRequest(poll, { headers: { cookie: victim.cookie, origin: app.url } });
    const { sid } = JSON.parse(body.slice(1));
    const foreign = { cookie: victim.cookie, origin: 'http://evil.example' };
    const asked = await rawRequest(`${poll}&sid=${sid}`, { headers: foreign });
    const sent = await rawRequest(`${poll}&sid=${sid}`, { method: 'POST', headers: foreign, body: '40' });
    expect([asked.status, sent.status]).toEqual([400, 400]);
  });

  it('has no more luck where the server was told its address, whatever the proxy calls it', async () => {
    await using app = await startTestApp({ site: { url: new URL('https://labs.example') } });
    using learner = app.client();
    await enter(learner, ACCESS_CODE);
    const start = (origin: string) => learner.request('POST', routes.session(SLUG), { origin });
    expect((await start(app.url)).status).toBe(403);
    expect((await start('http://labs.example')).status).toBe(403);
    expect((await start('https://labs.example')).status).toBe(200);
  });
});

describe('a name that somebody points at this machine', () => {
  it.each([
    ['alone', {}],
    ['where others reach the server', EXPOSED],
    ['where it has a name of its own', { url: new URL('https://labs.example') }],
  ])('leads to nothing, %s', async (_what, site) => {
    await using app = await startTestApp({ site });
    using learner = app.client();
    await enter(learner, ACCESS_CODE);
    const host = `rebound.example:${new URL(app.url).port}`;
    const origin = `http://${host}`;
    for (const [method, path] of [
      ...CHANGES,
      ['GET', '/'],
      ['GET', '/theme.js'],
      ['GET', routes.scenarios()],
      ['GET', routes.metrics()],
      ['GET', '/socket.io/?EIO=4&transport=polling'],
    ] as const) {
      const { status, headers } = await rawRequest(app.url + path, {
        method,
        headers: { host, origin, cookie: learner.cookie, accept: 'text/html' },
      });
      expect([path, status]).toEqual([path, path.startsWith('/socket.io') ? 400 : 403]);
      expect(headers['set-cookie']).toBeUndefined();
    }
  });
});

describe('another learner', () => {
  it('has none of what is somebody’s: 404 on every route', async () => {
    await using app = await startTestApp();
    using ann = app.client();
    const { run } = await ann.start();
    using ben = app.client();
    await ben.request('GET', routes.scenarios());
    for (const [method, path] of OWNED) {
      const { status, body } = await ben.request(method, path);
      expect([path, status, body.error]).toEqual([path, 404, 'session_not_found']);
    }
    expect((await ben.request('DELETE', routes.runningSession(run))).status).toBe(401);
    expect((await ann.request<SessionView>('GET', routes.session(SLUG))).body.run).toBe(run);
  });

  it('sees and types nothing there by its run, before and after a start of their own, and is logged', async () => {
    await using app = await startTestApp();
    using ann = app.client();
    const { run } = await ann.start();
    const annsHost = app.provisioner.cluster.host('host01');
    annsHost.pty.print('only for ann');
    using ben = app.client();
    await ben.connect();
    ben.attach('host01', run);
    ben.type('host01', 'rm -rf /\r');
    ben.emit('terminal:resize', { id: 'host01', columns: 20, rows: 10 });
    ben.emit('terminal:ack', { id: 'host01', through: 0 });
    expect(await ben.runBlock('first', 'b1', run)).toMatchObject({ error: 'run_outdated' });
    expect(await ben.openTerminal('host01', run)).toMatchObject({ error: 'run_outdated' });
    await ben.start();
    ben.attach('host01', run);
    await app.log.until('a lab of somebody else');
    expect(ben.screen('host01').text).toBe('');
    expect(annsHost.pty.typed).toBe('');
    expect(annsHost.pty.sizes).not.toContainEqual({ columns: 20, rows: 10 });
  });
});

describe('an owner that was made up', () => {
  it('is replaced, so that nobody can be given one beforehand', async () => {
    await using app = await startTestApp();
    using attacker = app.client();
    await attacker.start();
    const [name = '', value = ''] = attacker.cookie.split('=');
    const planted = [
      'AAAAAAAAAAAAAAAAAAAAAA',
      'AAAAAAAAAAAAAAAAAAAAAA.0',
      `AAAAAAAAAAAAAAAAAAAAAA.0~${value.split('~')[1]}`,
      value.replace('.0~', '.1~'),
    ];
    for (const fixed of planted) {
      using victim = app.client();
      victim.cookie = `${name}=${fixed}`;
      expect((await victim.request('GET', routes.session(SLUG))).status).toBe(404);
      expect(victim.cookie).not.toContain(fixed);
      victim.cookie = `${name}=${fixed}`;
      await expect(victim.connect()).rejects.toMatchObject({ data: { error: 'bad_request' } });
    }
  });

  it('is of no use on another server', async () => {
    await using one = await startTestApp();
    await using other = await startTestApp({ site: { secret: 'another secret' } });
    using learner = one.client();
    await learner.start();
    using there = other.client();
    there.cookie = learner.cookie;
    await there.request('GET', routes.session(SLUG));
    expect(there.cookie.split('; ')).toHaveLength(2);
  });
});

describe('what was right once', () => {
  it('is refused again: a device’s code', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    const code = await codeOf(learner);
    using second = app.client();
    using third = app.client();
    const [first, again] = [
      await second.request('POST', routes.join(), {}, { code }),
      await third.request('POST', routes.join(), {}, { code }),
    ];
    expect([first.status, again.status, again.body.error]).toEqual([204, 403, 'code_wrong']);
    expect(third.cookie).toBe('');
  });

  it('is refused again: the cookie of a device that was signed out', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    const stolen = learner.cookie;
    await learner.request('POST', routes.signOutOthers());
    using thief = app.client();
    thief.cookie = stolen;
    await expect(thief.connect()).rejects.toMatchObject({ data: { error: 'bad_request' } });
    for (const [method, path] of OWNED) {
      thief.cookie = stolen;
      expect([path, (await thief.request(method, path)).status]).toEqual([path, 400]);
    }
  });

  it('is refused again: the cookie of an access code that was changed', async () => {
    await using before = await startTestApp({ site: EXPOSED });
    await using after = await startTestApp({ site: { accessCode: 'another-code' } });
    using learner = before.client();
    await enter(learner, ACCESS_CODE);
    using late = after.client();
    late.cookie = learner.cookie;
    expect((await late.request('GET', routes.scenarios())).status).toBe(401);
  });
});

describe('a page that is let in more than once over one connection', () => {
  it.each([
    ['without leaving', []],
    ['after it has left', ['1']],
  ])('%s harms nobody', async (_when, leave) => {
    await using app = await startTestApp({ site: EXPOSED });
    using learner = app.client();
    await enter(learner, ACCESS_CODE);
    await learner.start();
    using other = app.client();
    for (const packet of [...leave, `0${JSON.stringify({ scenario: SLUG })}`]) {
      learner.sendFrame(packet);
      // By then it has been dealt with; two at once are taken for one page that cannot make up its mind.
      await enter(other, ACCESS_CODE);
    }
    expect(await other.start()).toMatchObject({ status: 'ready' });
    expect(app.log.errors).toEqual([]);
  });
});

describe('a page that leaves', () => {
  it('is given nothing more, whatever has come together with its leave', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    const { run } = await learner.start();
    const polling = `${app.url}/socket.io/?EIO=4&transport=polling`;
    const headers = { cookie: learner.cookie, origin: app.url };
    const { body } = await rawRequest(polling, { headers });
    const { sid }: { sid: string } = JSON.parse(body.slice(1));
    const post = (...packets: string[]) =>
      rawRequest(`${polling}&sid=${sid}`, { method: 'POST', headers, body: packets.join('\u001e') });
    await post(`40${JSON.stringify({ scenario: SLUG })}`);
    await rawRequest(`${polling}&sid=${sid}`, { headers });
    const attach = ['terminal:attach', { run, id: 'host01', since: 0 }];
    await post('41', `42${JSON.stringify(attach)}`);
    const told = async () => {
      const authorization = `Bearer ${OPERATOR_TOKEN}`;
      const metrics = await learner.request<string>('GET', routes.metrics(), { authorization });
      expect(metrics.body).toContain('drydock_terminal_bytes_total');
      // Told of once there is some.
      return /direction="out"\} (\d+)/.exec(metrics.body)?.[1] ?? '0';
    };
    const { pty } = app.provisioner.cluster.host('host01');
    pty.print('for whoever looks');
    await pty.drained();
    expect(await told()).toBe('0');
    // What was left to be said, behind which the connection is closed.
    await rawRequest(`${polling}&sid=${sid}`, { headers });
    const gone = await rawRequest(`${polling}&sid=${sid}`, { headers });
    expect(gone.body).toContain('Session ID unknown');
  });
});

describe('a flood', () => {
  it.each([
    ['of access codes', routes.access(), (app: { code: string }) => ({ code: app.code })],
    ['of devices’ codes', routes.join(), () => ({ code: 'aaaaa-aaaaa' })],
  ])('%s is stopped, at the address that it comes from', async (_what, path, right) => {
    await using app = await startTestApp({ site: { url: new URL('https://labs.example') } });
    using attacker = app.client();
    const from = (address: string) => ({ 'x-forwarded-for': `203.0.113.99, ${address}` });
    const guess = (address: string, given: unknown) => attacker.request('POST', path, from(address), given);
    const guesses = await Promise.all(
      Array.from({ length: 60 }, (_, i) => guess('198.51.100.7', { code: `wrong-guess-${i}` })),
    );
    expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([403, 429]));
    expect(guesses.filter(({ status }) => status === 403)).toHaveLength(30);
    const known = right({ code: ACCESS_CODE });
    expect((await guess('198.51.100.7', known)).body.error).toBe('too_many_requests');
    expect((await guess('198.51.100.8', known)).status).not.toBe(429);
  });

  it('of operator’s tokens is stopped, also for who knows it in the end', async () => {
    await using app = await startTestApp();
    using attacker = app.client();
    const ask = (token: string) =>
      attacker.request('GET', routes.metrics(), { authorization: `Bearer ${token}` });
    for (let each = 0; each < 30; each++) expect((await ask(`guess ${each}`)).status).toBe(401);
    expect((await ask(OPERATOR_TOKEN)).status).toBe(429);
  });

  it('of labs is stopped, for one learner and not for another', async () => {
    const scenarios = new Map(
      Array.from({ length: 5 }, (_, i) => [`lab-${i}`, { ...twoStepScenario, slug: `lab-${i}` }]),
    );
    await using app = await startTestApp({ scenarios });
    using greedy = app.client();
    const started = [];
    for (const slug of scenarios.keys()) started.push(await greedy.request('POST', routes.session(slug)));
    expect(started.map(({ status }) => status)).toEqual([200, 200, 200, 409, 409]);
    expect(started[3]?.body.error).toBe('too_many_labs');
    // One that runs is had again, and one that has ended makes room.
    expect((await greedy.request('POST', routes.session('lab-0'))).status).toBe(200);
    await greedy.request('DELETE', routes.session('lab-0'));
    expect((await greedy.request('POST', routes.session('lab-4'))).status).toBe(200);
    using other = app.client();
    expect((await other.request('POST', routes.session('lab-0'))).status).toBe(200);
  });

  it('of starts is stopped', async () => {
    await using app = await startTestApp({ capacity: 100 });
    using restless = app.client();
    const statuses = [];
    for (let each = 0; each < 22; each++) {
      statuses.push((await restless.request('POST', routes.session(SLUG))).status);
      await restless.request('DELETE', routes.session(SLUG));
    }
    expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(statuses.at(-1)).toBe(429);
  });

  it('of resets is stopped, as hosts are made for each', async () => {
    await using app = await startTestApp({ capacity: 100 });
    using restless = app.client();
    await restless.start();
    const statuses = [];
    for (let each = 0; each < 22; each++) {
      statuses.push((await restless.request('POST', routes.reset(SLUG, true))).status);
    }
    // The start was one of twenty.
    expect(statuses.slice(0, 19)).toEqual(Array.from({ length: 19 }, () => 200));
    expect(statuses.at(-1)).toBe(429);
  });

  it.each([
    ['looks at a terminal, each of which has all of it sent again,', 'terminal:attach', { since: 0 }],
    ['closings of a terminal, each of which is kept on disk,', 'terminal:close', {}],
  ] as const)('of %s ends in the page being cut off', async (_what, name, rest) => {
    await using app = await startTestApp();
    using learner = app.client();
    const { run } = await learner.start();
    learner.disconnects = [];
    for (let sent = 0; sent < 300; sent++) learner.emitRaw(name, { run, id: 'host01', ...rest });
    await learner.untilDisconnected();
    expect(app.log.text).toContain(`asks for ${name} too often`);
  });

  it('of commands is refused in words, and the page goes on', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    const answers = await Promise.all(Array.from({ length: 230 }, () => learner.runBlock('first', 'b1')));
    expect(answers.filter((answer) => 'terminal' in answer).length).toBeLessThan(225);
    expect(answers.at(-1)).toMatchObject({ error: 'too_many_requests' });
    expect(learner.session?.status).toBe('ready');
  });

  it('of requests is stopped for one owner, while another is served', async () => {
    await using app = await startTestApp();
    using restless = app.client();
    await restless.request('GET', routes.scenarios());
    const answers = await Promise.all(
      Array.from({ length: 600 }, () => restless.request('GET', routes.engine())),
    );
    expect(answers.some(({ status }) => status === 429)).toBe(true);
    using other = app.client();
    expect((await other.request('GET', routes.engine())).status).toBe(200);
  });

  it('of sockets is stopped for one owner', async () => {
    await using app = await startTestApp();
    await using pages = new AsyncDisposableStack();
    const open = async (cookie: string) => {
      const page = app.client();
      pages.defer(() => page.disconnect());
      page.cookie = cookie;
      await page.connect();
      return page;
    };
    const { cookie } = await open('');
    for (let each = 1; each < 16; each++) await open(cookie);
    await expect(open(cookie)).rejects.toMatchObject({ data: { error: 'too_many_requests' } });
    expect((await open('')).session).toBeNull();
  });

  it('of keys is slowed down, and then cut off; the shell and others are unharmed', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    const { pty } = app.provisioner.cluster.host('host01');
    learner.disconnects = [];
    learner.attach('host01');
    for (let sent = 0; sent < 64; sent++) learner.type('host01', 'x'.repeat(65_536));
    await learner.untilDisconnected();
    // What may be typed at once, and one more message of which the rest waits.
    expect(pty.typed.length).toBeLessThanOrEqual(1024 * 1024 + 2 * 65_536);
    expect(app.log.text).toContain('types more than is let through');
    using other = app.client();
    await other.start();
    other.attach('host01');
    other.type('host01', 'hostname\r');
    await other.untilScreen('host01', ({ text }) => text.includes('host01\r\n'));
  });

  it('of refusals does not fill the log', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    for (let sent = 0; sent < 2000; sent++) learner.emitRaw('terminal:input', { id: 'host01', data: sent });
    expect(await learner.runBlock('first', 'b1')).toEqual({ terminal: 'host01' });
    const origin = 'http://evil.example';
    await Promise.all(
      Array.from({ length: 100 }, () => learner.request('POST', routes.access(), { origin })),
    );
    const warnings = app.log.lines.filter((line) => line.includes('"level":40'));
    expect(warnings.length).toBeGreaterThan(100);
    expect(warnings.length).toBeLessThan(300);
  });

  it('of messages ends in the page being cut off', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    learner.disconnects = [];
    for (let sent = 0; sent < 30_000; sent++) learner.emit('terminal:detach', { id: 'host01' });
    await learner.untilDisconnected();
    expect(app.log.text).toContain('sends too many messages');
    await learner.connect();
    expect(learner.session?.status).toBe('ready');
  });
});

describe('a body', () => {
  it('that is too long, or of unknown length, is not read', async () => {
    await using app = await startTestApp();
    const send = (headers: Record<string, string>, body: string) =>
      rawRequest(app.url + routes.join(), { method: 'POST', headers: { ...JSON_BODY, ...headers }, body });
    const long = JSON.stringify({ code: 'x'.repeat(5000) });
    expect((await send({ 'content-length': String(long.length) }, long)).status).toBe(413);
    expect((await send({ 'transfer-encoding': 'chunked' }, '{"code":"x"}')).status).toBe(413);
    const start = await rawRequest(app.url + routes.session(SLUG), {
      method: 'POST',
      headers: { 'content-length': '100000000' },
      body: 'x',
    }).catch((error: unknown) => error);
    expect(start).toMatchObject({ status: 413 });
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"code":1}',
    '{"code":""}',
    '{"code":{"length":{"valueOf":0,"toString":0}}}',
    '{"code":"x","admin":true}',
    '"x"',
  ])('that is no request is refused: %s', async (body) => {
    await using app = await startTestApp();
    const headers = { ...JSON_BODY, 'content-length': String(body.length) };
    const answer = await rawRequest(app.url + routes.join(), { method: 'POST', headers, body });
    expect([answer.status, JSON.parse(answer.body).error]).toEqual([400, 'bad_request']);
    expect(app.log.errors).toEqual([]);
  });
});

describe('anything at all', { timeout: 60_000 }, () => {
  const value = fc.anything({
    withBigInt: false,
    maxDepth: 3,
    withTypedArray: true,
    withNullPrototype: true,
  });
  // A library may look at these before it knows what it looks at.
  const anything = fc.oneof(value, fc.record({ length: value }), fc.record({ size: value }));
  const isSchema = (entry: [string, unknown]): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType;
  const all: Record<string, unknown> = { ...protocol, ...clientMessages };
  const schemas = Object.entries(all).filter(isSchema);

  it.each(schemas)('is no surprise to %s, which takes again what it has taken', (_name, schema) => {
    const holds = fc.property(anything, (given) => {
      const parsed = schema.safeParse(given);
      return !parsed.success || schema.safeParse(parsed.data).success;
    });
    expect(fc.check(holds, { numRuns: 300 })).toMatchObject({ failed: false });
  });

  /** What a socket can carry: whatever JSON has, and bytes. */
  const sendable = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.record({
      id: fc.constantFrom('host01', 'host09', '__proto__'),
      data: fc.jsonValue(),
      since: fc.double(),
    }),
  );

  it('that a page sends harms neither the server nor the lab', async () => {
    await using app = await startTestApp();
    using other = app.client();
    await other.start();
    const names = fc.oneof(
      fc.constantFrom(...Object.keys(clientMessages), 'constructor', '__proto__', 'error', 'disconnecting'),
      fc.string({ maxLength: 80 }),
    );
    // Names that socket.io's client itself refuses to send.
    const reserved = new Set([
      'connect',
      'connect_error',
      'disconnect',
      'disconnecting',
      'newListener',
      'removeListener',
    ]);
    using learner = app.client();
    await learner.start();
    await fc.assert(
      fc.asyncProperty(names, fc.array(sendable, { maxLength: 3 }), async (name, messages) => {
        if (!reserved.has(name)) learner.emitRaw(name, ...messages);
      }),
      { numRuns: 1000 },
    );
    // Answered after all of it has been dealt with.
    expect(await learner.runBlock('first', 'b1')).toEqual({ terminal: 'host01' });
    other.attach('host01');
    other.type('host01', 'hostname\r');
    await other.untilScreen('host01', ({ text }) => text.includes('host01\r\n'));
    expect(app.log.errors).toEqual([]);
  });

  it('that is asked of the API is answered in its words', async () => {
    await using app = await startTestApp();
    const paths = fc.oneof(
      fc.webPath().map((path) => `/api${path}`),
      fc.string({ maxLength: 60 }).map((text) => `/api/scenarios/${encodeURIComponent(text)}/session`),
      fc
        .string({ maxLength: 60 })
        .map((text) => `${routes.session(SLUG)}/steps/${encodeURIComponent(text)}/check`),
    );
    await fc.assert(
      fc.asyncProperty(paths, fc.constantFrom('GET', 'POST', 'DELETE', 'PUT'), async (path, method) => {
        const { status, body } = await rawRequest(app.url + path, { method });
        expect([path, status >= 400 && status < 500]).toEqual([path, true]);
        expect(protocol.ApiError.safeParse(JSON.parse(body)).success).toBe(true);
      }),
      { numRuns: 200 },
    );
    expect(app.log.errors).toEqual([]);
  });
});

describe('the log', () => {
  it('has session ids, and no code, token, cookie or key that anybody typed', async () => {
    await using app = await startTestApp({ site: EXPOSED });
    using learner = app.client();
    await enter(learner, 'a-wrong-guess');
    await enter(learner, ACCESS_CODE);
    const { run } = await learner.start();
    learner.attach('host01');
    learner.type('host01', 'my password\r');
    const code = await codeOf(learner);
    using second = app.client();
    await second.request('POST', routes.join(), {}, { code });
    await second.request('POST', routes.join(), {}, { code });
    await second.request('GET', routes.metrics(), { authorization: `Bearer ${OPERATOR_TOKEN}` });
    await second.request('GET', routes.metrics(), { authorization: 'Bearer wrong-token' });
    await second.request('POST', routes.session(SLUG), { origin: 'http://evil.example' });
    await second.connect();
    second.emitRaw('terminal:input', { id: 'host01', data: 'my other password' });
    second.emitRaw('no-such-message', {});
    const cut = learner.untilDisconnected();
    await second.request('POST', routes.signOutOthers());
    await cut;
    await learner.connect().catch(() => undefined);
    // Something that goes wrong with the request at hand.
    app.sessions.list = () => {
      throw new Error('a fault');
    };
    await second.request('GET', routes.runningSessions(), { authorization: `Bearer ${OPERATOR_TOKEN}` });
    expect(app.log.text).toContain(run);
    expect(app.log.errors.join('')).toContain('a fault');
    const secrets = [
      ...[
        ACCESS_CODE,
        'a-wrong-guess',
        OPERATOR_TOKEN,
        'wrong-token',
        code,
        'my password',
        'my other password',
      ],
      // Of each cookie its value, what it is signed with and, of an owner's, whose it is.
      ...`${learner.cookie}; ${second.cookie}`.split('; ').flatMap((cookie) => {
        const [name = '', value = ''] = cookie.split('=');
        const [text = '', signature = ''] = value.split('~');
        return [value, signature, ...(name.includes('owner') ? text.split('.').slice(0, 1) : [])];
      }),
    ];
    expect(secrets.filter((secret) => secret === '' || app.log.text.includes(secret))).toEqual([]);
  });
});
