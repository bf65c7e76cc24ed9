import { expect, it } from 'vitest';
import {
  routes,
  type CatalogueEntry,
  type SessionView,
  type StepContent,
} from '../../server/protocol/index.ts';
import { notYet, passed } from '../support/scripted-checks.ts';
import { startTestApp } from '../support/test-app.ts';

const SLUG = 'two-steps';

it('takes a learner from the catalogue through every step to the finish', async () => {
  await using app = await startTestApp();
  using learner = app.client();
  expect((await learner.request('GET', routes.scenarios())).body).toMatchObject([{ slug: SLUG }]);
  expect((await learner.request('GET', routes.session(SLUG))).body.error).toBe('session_not_found');
  await learner.start();

  expect(await learner.runBlock('first', 'b1')).toEqual({ terminal: 'host01' });
  learner.attach('host01');
  await learner.untilScreen('host01', ({ text }) => text.includes('hostname\r\nhost01\r\n'));
  learner.attach('host02');
  learner.type('host02', 'hostname\r');
  await learner.untilScreen('host02', ({ text }) => text.includes('host02\r\n'));

  const refused = learner.check('first');
  await app.checks.untilAsked(1);
  app.checks.last.answer([passed, notYet('host02 has not joined')]);
  expect((await refused).body.steps[0]).toMatchObject({
    state: 'open',
    verdicts: [passed, { outcome: 'fail' }],
  });
  const early = await learner.next();
  expect([early.status, early.body.error]).toEqual([409, 'step_not_passed']);
  expect(early.body.message['zh-CN']).toBeTruthy();

  const first = learner.check('first');
  await app.checks.untilAsked(2);
  app.checks.last.answer([passed, passed]);
  expect((await first).body.steps[0]?.state).toBe('passed');
  expect((await learner.next()).body.current).toBe('second');
  const text = await learner.request<StepContent>('GET', routes.step(SLUG, 'second'));
  expect(text.body.html.en).toContain('the secret of step two');

  const second = learner.check('second');
  await app.checks.untilAsked(3);
  app.checks.last.answer([passed]);
  await second;
  expect((await learner.next()).body.status).toBe('finished');
  await learner.until('finished');
  const finish = await learner.request<StepContent>('GET', routes.finish(SLUG));
  expect(finish.body.html.en).toContain('well done');

  const ended = await learner.request<SessionView>('DELETE', routes.session(SLUG));
  expect(ended.body.status).toBe('ended');
  await learner.until('ended');
});

it('gives away no locked step: neither text, nor commands, nor checks', async () => {
  await using app = await startTestApp();
  using learner = app.client();
  await learner.start();
  for (const [method, path] of [
    ['GET', routes.step(SLUG, 'second')],
    ['POST', routes.check(SLUG, 'second')],
    ['GET', routes.finish(SLUG)],
  ] as const) {
    const { status, body } = await learner.request(method, path);
    expect([path, status, body.error]).toEqual([path, 403, 'step_locked']);
  }
  expect(await learner.runBlock('second', 'b1')).toMatchObject({ error: 'step_locked' });
  const before = await learner.request<unknown>('GET', routes.scenario(SLUG));
  expect(JSON.stringify(before.body)).not.toContain('secret');
});

it('tells in the catalogue how far its owner is, and nobody else', async () => {
  await using app = await startTestApp();
  using learner = app.client();
  using other = app.client();
  const progress = async (client = learner) => {
    const { body } = await client.request<CatalogueEntry[]>('GET', routes.scenarios());
    return body[0]?.progress;
  };
  expect(await progress()).toBeNull();
  await learner.start();
  expect(await progress()).toEqual({ state: 'open', step: 1, steps: 2 });
  const pass = async (step: string, asked: number) => {
    const made = learner.check(step);
    await app.checks.untilAsked(asked);
    app.checks.last.answer(Array.from({ length: app.checks.last.count }, () => passed));
    await made;
    await learner.next();
  };
  await pass('first', 1);
  expect(await progress()).toEqual({ state: 'open', step: 2, steps: 2 });
  expect(await progress(other)).toBeNull();
  await pass('second', 2);
  expect(await progress()).toEqual({ state: 'finished', step: 2, steps: 2 });
  await learner.request('DELETE', routes.session(SLUG));
  expect(await progress()).toMatchObject({ state: 'finished' });
  await learner.start();
  await learner.request('DELETE', routes.session(SLUG));
  expect(await progress()).toBeNull();
});

it('names a command by its block only: its text never comes from the page and never goes there', async () => {
  await using app = await startTestApp();
  using learner = app.client();
  await learner.start();
  const { body } = await learner.request<StepContent>('GET', routes.step(SLUG, 'first'));
  expect(body.blocks).toEqual([
    { id: 'b1', host: 'host01', interrupt: false },
    { id: 'b2', host: 'host02', interrupt: true },
  ]);
  expect(await learner.runBlock('first', 'b2')).toEqual({ terminal: 'host02' });
  const { address } = app.provisioner.cluster.host('host01');
  expect(app.provisioner.cluster.host('host02').pty.typed).toBe(`\x03join ${address}\rdone\r`);
  expect(await learner.runBlock('first', 'b7')).toMatchObject({ error: 'block_not_found' });
});

it('keeps owners apart: another browser sees no session and reaches no terminal', async () => {
  await using app = await startTestApp();
  using learner = app.client();
  using other = app.client();
  await learner.start();
  const { pty } = app.provisioner.cluster.host('host01');
  pty.print('what only the learner may see');
  learner.attach('host01');
  await learner.untilScreen('host01', ({ text }) => text.endsWith('may see'));
  await other.connect();
  expect(other.session).toBeNull();
  const { status, body } = await other.request('GET', routes.session(SLUG));
  expect([status, body.error]).toEqual([404, 'session_not_found']);
  other.attach('host01', learner.session?.run);
  other.type('host01', 'hostname\r');
  // Answered after all that was sent before it.
  expect(await other.runBlock('first', 'b1', learner.session?.run)).toMatchObject({ error: 'run_outdated' });
  expect(other.screen('host01').text).toBe('');
  expect(pty.typed).toBe('');
});

it('gives one cluster to two tabs that press Start at once, and shows both the same', async () => {
  await using app = await startTestApp();
  using one = app.client();
  await one.connect();
  using two = app.client();
  two.cookie = one.cookie;
  await two.connect();
  await Promise.all([one, two].map((tab) => tab.request('POST', routes.session(SLUG))));
  await Promise.all([one.until('ready'), two.until('ready')]);
  expect(app.provisioner.requests).toBe(1);
  one.attach('host01');
  two.attach('host01');
  one.type('host01', 'hostname\r');
  await two.untilScreen('host01', ({ text }) => text.endsWith('host01\r\n$ '));
  await one.untilScreen('host01', ({ text }) => text === two.screen('host01').text);
});

it('ends every lab when the server ends', async () => {
  const app = await startTestApp();
  using learner = app.client();
  await learner.start();
  await app[Symbol.asyncDispose]();
  expect(app.provisioner.cluster.disposals).toBe(1);
  await learner.untilDisconnected();
});

it('says that a port is taken by rejecting', async () => {
  await using app = await startTestApp();
  await expect(startTestApp({ port: Number(new URL(app.url).port) })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});
