import { describe, expect, test } from 'vitest';
import { runChecks } from '../../../server/checks/run-checks.ts';
import type { Verdict } from '../../../server/protocol/index.ts';
import { fakeEngine, JOINED, joined } from './fake-engine.ts';

const signal = new AbortController().signal;
const reason = (verdict: Verdict | null | undefined) =>
  verdict?.outcome === 'error' ? verdict.reason.en : verdict?.outcome;

describe('runChecks', () => {
  test('looks through the host’s own engine and gives a verdict for each check, in order', async () => {
    const engine = fakeEngine(joined);
    await using cluster = engine.cluster;
    const missing = { validator: 'overlay-network', params: { network: 5 }, title: {}, files: new Map() };
    const verdicts = await runChecks([missing, JOINED], cluster, signal);
    expect(verdicts.map((verdict) => verdict?.outcome)).toEqual(['error', 'pass']);
  });

  test('each look has a connection of its own, so that none waits for another', async () => {
    const engine = fakeEngine(joined);
    await using cluster = engine.cluster;
    await runChecks([JOINED, JOINED], cluster, signal);
    expect(engine.dials()).toBe(engine.asked.length);
    expect(new Set(engine.asked)).toEqual(new Set(['GET /info', 'GET /nodes']));
  });

  test('an engine that cannot be reached is an error that names the host', async () => {
    const engine = fakeEngine(joined);
    await using cluster = engine.cluster;
    engine.host.dialEngine = () => Promise.reject(new Error('exec failed'));
    const [verdict] = await runChecks([JOINED], cluster, signal);
    expect(reason(verdict)).toContain('Docker on host01 could not be asked (exec failed)');
  });

  test('what broke a check is told with its cause and the check, and of one that was made nothing', async () => {
    const engine = fakeEngine(joined);
    await using cluster = engine.cluster;
    const broken: unknown[] = [];
    await runChecks([JOINED], cluster, signal, { onBroken: (...what) => broken.push(what) });
    expect(broken).toEqual([]);
    const cause = new Error('exec failed');
    engine.host.dialEngine = () => Promise.reject(cause);
    await runChecks([JOINED], cluster, signal, { onBroken: (...what) => broken.push(what) });
    expect(broken).toEqual([[JOINED, expect.objectContaining({ host: 'host01', cause })]]);
  });

  test('what a learner reads is bounded, however many names a host gives', async () => {
    const services = Array.from({ length: 5000 }, (_, id) => ({
      ID: `s${id}`,
      Spec: { Name: `service${id}`, Mode: { Replicated: {} }, TaskTemplate: {} },
    }));
    const engine = fakeEngine((path, ...rest) => (path === '/services' ? services : joined(path, ...rest)));
    await using cluster = engine.cluster;
    const params = { service: 'web', network: 'eg1' };
    const check = { validator: 'service-on-network', params, title: {}, files: new Map() };
    const [verdict] = await runChecks([check], cluster, signal, { patient: false });
    expect(verdict).toMatchObject({ reason: { en: expect.stringContaining('the swarm has service0') } });
    expect(JSON.stringify(verdict).length).toBeLessThan(5000);
  });

  test('an engine that refuses is an error with its own words', async () => {
    const engine = fakeEngine((_path, _request, response) => {
      response.writeHead(503).end('{"message":"swarm is locked"}');
      return undefined;
    });
    await using cluster = engine.cluster;
    const [verdict] = await runChecks([JOINED], cluster, signal);
    expect(reason(verdict)).toContain('swarm is locked');
  });

  test.each([
    ['no JSON', '<h1>hello</h1>', 'is not JSON'],
    ['JSON of another shape', '{"Swarm":"yes"}', 'is not what Docker answers'],
    ['an answer without end', 'x'.repeat(5 * 1024 * 1024), 'is too long'],
  ])('an engine that was replaced and gives %s is an error', async (_name, body, expected) => {
    const engine = fakeEngine((_path, _request, response) => {
      response.end(body);
      return undefined;
    });
    await using cluster = engine.cluster;
    const [verdict] = await runChecks([JOINED], cluster, signal);
    expect(reason(verdict)).toContain(expected);
  });

  test('an engine that never answers is an error when the time is over, not a fail', async () => {
    const engine = fakeEngine(() => undefined);
    await using cluster = engine.cluster;
    const [verdict] = await runChecks([JOINED], cluster, signal, { timeoutMs: 100 });
    expect(reason(verdict)).toContain('had no answer from the hosts');
  });

  test('a run that timed out does not block the next one', async () => {
    let mute = true;
    const engine = fakeEngine((...request) => (mute ? undefined : joined(...request)));
    await using cluster = engine.cluster;
    await runChecks([JOINED], cluster, signal, { timeoutMs: 100 });
    mute = false;
    expect(await runChecks([JOINED], cluster, signal)).toEqual([{ outcome: 'pass' }]);
  });

  test('a session that ends makes its checks end', async () => {
    const engine = fakeEngine(() => undefined);
    await using cluster = engine.cluster;
    const ending = new AbortController();
    const running = runChecks([JOINED], cluster, ending.signal);
    ending.abort(new Error('the session has ended'));
    const [verdict] = await running;
    expect(reason(verdict)).toContain('the session has ended');
  });

  test('an unknown validator is an error that names it', async () => {
    const engine = fakeEngine(joined);
    await using cluster = engine.cluster;
    const [verdict] = await runChecks([{ ...JOINED, validator: 'no-such' }], cluster, signal);
    expect(reason(verdict)).toContain('no validator named no-such');
  });
});
