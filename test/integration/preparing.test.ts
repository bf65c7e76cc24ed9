import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { EngineStatus, routes, type SessionView, type StepContent } from '../../server/protocol/index.ts';
import { startTestApp } from '../support/test-app.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SLUG = 'two-steps';
const boot = { id: 'boot', name: { en: 'Boot it', 'zh-CN': '启动' }, state: 'now' } as const;

describe('a server whose engine is being prepared', () => {
  it('tells how far it is, to those who ask and to those who have a socket', async () => {
    await using app = await startTestApp({ preparing: true });
    using learner = app.client();
    await learner.connect();
    app.engine.prepare({ stages: [boot], secondsLeft: 20 });
    const { body } = await learner.request<EngineStatus>('GET', routes.engine());
    expect(EngineStatus.parse(body)).toEqual({
      status: 'preparing',
      again: false,
      stages: [boot],
      secondsLeft: 20,
    });
    app.openEngine();
    expect(await learner.untilEngine('ready')).toEqual({ status: 'ready', limits: [] });
    using late = app.client();
    await late.connect();
    expect(late.engine).toEqual({ status: 'ready', limits: [] });
  });

  it('starts a lab that can be read at once, and run when the engine is ready', async () => {
    await using app = await startTestApp({ preparing: true });
    using learner = app.client();
    await learner.connect();
    const started = await learner.request<SessionView>('POST', routes.session(SLUG));
    expect(started.body).toMatchObject({ status: 'provisioning', hosts: [{ state: 'waiting' }, {}] });
    const read = () => learner.request<StepContent>('GET', routes.step(SLUG, 'first'));
    expect((await read()).body).toMatchObject({
      provisional: true,
      html: { en: expect.stringContaining('‹host01’s address›') },
    });
    expect(await learner.runBlock('first', 'b1')).toMatchObject({ error: 'session_not_ready' });
    expect(app.provisioner.requests).toBe(0);

    app.openEngine();
    await learner.until('ready');
    const { address } = app.provisioner.cluster.host('host01');
    expect((await read()).body).toMatchObject({ provisional: false, html: { en: `<p>join ${address}</p>` } });
    expect(await learner.runBlock('first', 'b1')).toEqual({ terminal: 'host01' });
  });

  it('tells that the one there was has ended, and labs can be started again on the next', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    app.loseEngine();
    expect(await learner.untilEngine('preparing')).toMatchObject({ again: true });
    expect(learner.session).toMatchObject({
      status: 'failed',
      reason: { en: expect.stringContaining('has ended unexpectedly') },
    });
    await learner.request('POST', routes.session(SLUG));
    app.openEngine();
    await learner.untilEngine('ready');
    await expect.poll(() => learner.session?.status).toBe('ready');
  });

  it('tells why there will be none, and starts no more labs but keeps those there are', async () => {
    await using app = await startTestApp({ preparing: true });
    using learner = app.client();
    await learner.connect();
    await learner.request('POST', routes.session(SLUG));
    app.engine.fail({ en: 'No room.' });
    expect(await learner.untilEngine('failed')).toEqual({ status: 'failed', reason: { en: 'No room.' } });
    expect(learner.session?.status).toBe('provisioning');
    using other = app.client();
    const { status, body } = await other.request('POST', routes.session(SLUG));
    expect([status, body]).toEqual([503, { error: 'engine_failed', message: { en: 'No room.' } }]);
  });
});

/** The real program, where it refuses to prepare an engine before it has begun. */
async function startRefused() {
  const home = await temporaryFolder();
  await home.write('.testcontainers.properties', 'tc.host=tcp://127.0.0.1:1\n');
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../server/main.ts'), 'up'], {
    env: { ...process.env, HOME: home.path, DRYDOCK_CACHE: join(home.path, 'cache'), DRYDOCK_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  let url = '';
  for await (const line of createInterface({ input: child.stdout })) {
    url = /^Open (http\S+)/.exec(line)?.[1] ?? url;
    if (url !== '') break;
  }
  child.stdout.resume();
  return {
    child,
    url,
    exited: exited.then(([code]): unknown => code),
    said: () => said,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await home[Symbol.asyncDispose]();
    },
  };
}

describe('a Drydock that cannot prepare its engine', { timeout: 30_000 }, () => {
  it('says so on its page, for long enough to be heard, and ends with the same sentence', async () => {
    await using drydock = await startRefused();
    const ask = async () => EngineStatus.parse(await (await fetch(drydock.url + routes.engine())).json());
    await expect
      .poll(ask)
      .toMatchObject({ status: 'failed', reason: { en: expect.stringContaining('tc.host') } });
    expect((await fetch(drydock.url)).ok).toBe(true);
    expect(await drydock.exited).toBe(1);
    expect(drydock.said()).toContain('tc.host');
  });

  it('does not wait any longer when it is stopped', async () => {
    await using drydock = await startRefused();
    const before = performance.now();
    drydock.child.kill('SIGTERM');
    expect(await drydock.exited).toBe(130);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
