import { describe, expect, it, vi } from 'vitest';
import {
  routes,
  RUN_HEADER,
  type CatalogueEntry,
  type SessionView,
  type StepContent,
} from '../../server/protocol/index.ts';
import type { LabClient } from '../support/lab-client.ts';
import { twoStepScenario } from '../support/scenarios.ts';
import { passed } from '../support/scripted-checks.ts';
import { startTestApp } from '../support/test-app.ts';

const SLUG = 'two-steps';
const HOUR = 3_600_000;
/** The clock of the machine, from which a server goes on with a lab's time, counts in hundredths of a second. */
const ROUNDED = 15;

type App = Awaited<ReturnType<typeof startTestApp>>;

/** Press Check and have every check pass. */
async function pass(app: App, learner: LabClient, step: string): Promise<void> {
  const before = app.checks.runs.length;
  const checked = learner.check(step);
  await app.checks.untilAsked(before + 1);
  app.checks.last.answer(Array.from({ length: app.checks.last.count }, () => passed));
  await checked;
}

/** Three learners press Start where the engine holds one lab: the first has it, and the others wait in turn. */
async function startInTurn(app: App) {
  const [one, two, three] = [app.client(), app.client(), app.client()] as const;
  await one.start();
  const waiting = [await pressStart(two), await pressStart(three)];
  const disconnect = () => [one, two, three].forEach((learner) => learner[Symbol.dispose]());
  return { one, two, three, waiting, [Symbol.dispose]: disconnect };
}

/** Press Start, whatever it comes to. */
async function pressStart(learner: LabClient): Promise<SessionView> {
  await learner.connect();
  return (await learner.request<SessionView>('POST', routes.session(SLUG))).body;
}

describe('a lab whose time is limited', () => {
  const limit = { length: HOUR, extensions: 1, extension: HOUR / 2 };

  it('tells what is left from when its hosts are ready, and can be extended as often as it says', async () => {
    await using app = await startTestApp({ terms: { limit } });
    using learner = app.client();
    app.provisioner.hold();
    expect(await pressStart(learner)).toMatchObject({ status: 'provisioning', time: null });
    app.provisioner.release();
    const { time, now } = await learner.until('ready');
    expect(time).toMatchObject({ extensionsLeft: 1, extension: HOUR / 2 });
    expect((time?.endsAt ?? 0) - now).toBeGreaterThan(HOUR - 10_000);
    expect((time?.endsAt ?? 0) - now).toBeLessThanOrEqual(HOUR);

    expect((await learner.extend()).body.time).toMatchObject({
      extensionsLeft: 0,
      endsAt: (time?.endsAt ?? 0) + HOUR / 2,
    });
    await learner.untilSession((session) => session.time?.extensionsLeft === 0);
    const { status, body } = await learner.extend();
    expect([status, body.error, body.message.en]).toEqual([
      409,
      'no_extension',
      expect.stringContaining('cannot be extended any more'),
    ]);
  });

  it.each([
    ['forward', HOUR],
    ['back', -HOUR],
  ])('is what it was where the time of day jumps an hour %s, also after a restart', async (_way, jump) => {
    const first = await startTestApp({ terms: { limit, freezeAfter: HOUR / 4, reapAfter: HOUR / 4 } });
    using learner = first.client();
    await learner.start();
    learner.attach('host01');
    vi.useFakeTimers({ toFake: ['Date'] });
    using _ = { [Symbol.dispose]: () => void vi.useRealTimers() };
    vi.setSystemTime(Date.now() + jump);
    // The page's own clock has jumped, too: it takes its line for broken.
    await learner.connect();
    learner.attach('host01');
    learner.type('host01', 'hostname\r');
    await learner.untilScreen('host01', ({ text }) => text.endsWith('hostname\r\nhost01\r\n$ '));
    await pass(first, learner, 'first');
    learner.disconnect();
    await first.leave();
    await using again = await startTestApp({ after: first, terms: { limit } });
    using back = again.client();
    back.cookie = learner.cookie;
    await back.connect();
    const { time, now, steps } = await back.until('ready');
    expect(steps.map(({ state }) => state)).toEqual(['passed', 'locked']);
    const left = (time?.endsAt ?? 0) - now;
    expect([left > HOUR - 60_000, left <= HOUR]).toEqual([true, true]);
    expect(steps[0]?.passedAt).toBeLessThan(60_000);
  });

  it('ends by itself when that is over, is removed, and what was learnt can still be read', async () => {
    await using app = await startTestApp({ terms: { limit: { ...limit, length: 300 } } });
    using learner = app.client();
    await learner.start();
    const over = await learner.untilSession(({ status }) => status === 'ended');
    expect(over).toMatchObject({ why: 'expired', steps: [{ state: 'open' }, { state: 'locked' }] });
    await expect.poll(() => app.provisioner.cluster.disposals).toBe(1);
    const text = await learner.request<StepContent>('GET', routes.step(SLUG, 'first'));
    expect(text.body.html.en).toContain('join');
    const { status, body } = await learner.reset(true);
    expect([status, body.error]).toEqual([409, 'session_not_ready']);
    expect((await learner.start()).run).not.toBe(over.run);
  });

  it('that was finished has its last page still when its time is over, also on the next start', async () => {
    await using app = await startTestApp({ terms: { limit: { ...limit, length: 1500 } } });
    using learner = app.client();
    await learner.start();
    await pass(app, learner, 'first');
    await learner.next();
    await pass(app, learner, 'second');
    await learner.next();
    await learner.untilSession(({ status }) => status === 'ended');
    await using next = await startTestApp({ after: app });
    for (const server of [app, next]) {
      using reader = server.client();
      reader.cookie = learner.cookie;
      const { status, body } = await reader.request<StepContent>('GET', routes.finish(SLUG));
      expect([status, body.html.en]).toEqual([200, expect.stringContaining('well done')]);
    }
  });

  it('has as much as its author gives it', async () => {
    const scenario = { ...twoStepScenario, timeLimit: 7 };
    await using app = await startTestApp({ terms: { limit }, scenario });
    using learner = app.client();
    const { time, now } = await learner.start();
    expect(Math.ceil(((time?.endsAt ?? 0) - now) / 60_000)).toBe(7);
  });

  it('loses no time and wins none when the server is started again, and ends then where that is over', async () => {
    await using app = await startTestApp({ terms: { limit: { ...limit, length: 1500 } } });
    using learner = app.client();
    const asked = performance.now();
    const before = await learner.start();
    const began = performance.now();
    // Nothing is told to it: so it is when it is killed.
    const [record] = app.store.load();
    await using next = await startTestApp({ after: app, terms: { limit } });
    using again = next.client();
    again.cookie = learner.cookie;
    await again.connect();
    const after = await again.until('ready');
    // While its hosts were looked for, its time stood still.
    expect(after.time).toEqual({ ...before.time, endsAt: expect.any(Number) });
    const { endsAt: end = 0 } = before.time ?? {};
    expect(after.time?.endsAt).toBeGreaterThanOrEqual(end);
    const lookedAt = performance.now();
    const { now } = (await again.request<SessionView>('GET', routes.session(SLUG))).body;
    const told = performance.now();
    expect((after.time?.endsAt ?? 0) - end).toBeLessThan(lookedAt - began + ROUNDED);
    expect(now - before.now).toBeGreaterThan(lookedAt - began - ROUNDED);
    expect(now - before.now).toBeLessThan(told - asked + ROUNDED);
    expect(record?.state.time).toEqual(before.time);
    const over = await again.untilSession(({ status }) => status === 'ended');
    expect(over).toMatchObject({ why: 'expired' });
    expect(over.now).toBeGreaterThanOrEqual(before.time?.endsAt ?? Infinity);
  });
});

it('each step’s time is kept, also over a server that is killed, and after the finish', async () => {
  await using app = await startTestApp();
  using learner = app.client();
  await learner.start();
  await pass(app, learner, 'first');
  await learner.next();
  const kept = learner.session?.steps;
  expect(kept?.[0]?.passedAt).toBeGreaterThanOrEqual(kept?.[0]?.openedAt ?? Infinity);

  await using next = await startTestApp({ after: app });
  using again = next.client();
  again.cookie = learner.cookie;
  await again.connect();
  await again.until('ready');
  expect(again.session?.steps).toEqual(kept);
  await pass(next, again, 'second');
  const { steps } = (await again.next()).body;
  const [first, second] = steps;
  expect(first).toEqual(kept?.[0]);
  expect(second?.openedAt).toBeGreaterThanOrEqual(first?.passedAt ?? Infinity);
  expect(second?.passedAt).toBeGreaterThanOrEqual(second?.openedAt ?? Infinity);
});

describe('a lab that is reset', () => {
  it('has fresh hosts, once the old ones have been removed, and the steps that had passed', async () => {
    await using app = await startTestApp({ capacity: 1 });
    using learner = app.client();
    const before = await learner.start();
    await pass(app, learner, 'first');
    await learner.next();
    learner.attach('host01');
    const { cluster } = app.provisioner;
    const removal = Promise.withResolvers<void>();
    cluster.removed = removal.promise;

    const { body } = await learner.reset(true);
    expect(body).toMatchObject({
      status: 'provisioning',
      current: 'second',
      steps: [{ state: 'passed' }, { state: 'open' }],
    });
    expect(body.run).not.toBe(before.run);
    expect([cluster.disposals, app.provisioner.requests]).toEqual([1, 1]);
    removal.resolve();
    await learner.untilSession(({ run, status }) => run === body.run && status === 'ready');
    expect(app.provisioner.requests).toBe(2);
    expect(app.provisioner.cluster.id).not.toBe(cluster.id);
    cluster.host('host01').pty.print('too late');
    expect(await learner.runBlock('second', 'b1')).toEqual({ terminal: 'host01' });
    expect(learner.screen('host01').text).not.toContain('too late');
  });

  it('is left alone by a page that still shows the run before, whatever is pressed there', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    const { run } = await learner.start();
    const { body } = await learner.reset(true);
    await learner.until('ready');
    const old = { [RUN_HEADER]: run };
    const answers = await Promise.all([
      learner.request('DELETE', routes.session(learner.slug), old),
      learner.request('POST', routes.session(learner.slug), old),
      learner.request('POST', routes.extend(learner.slug), old),
      learner.request('POST', routes.reset(learner.slug, false), old),
      learner.request('POST', routes.check(learner.slug, 'first'), old),
      learner.request('POST', routes.next(learner.slug), old),
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 409, body: { error: 'run_outdated' } });
    }
    expect([app.provisioner.clusters.length, app.checks.runs.length]).toEqual([2, 0]);
    expect(learner.session).toMatchObject({ status: 'ready', run: body.run });
    const now = { [RUN_HEADER]: body.run };
    expect((await learner.request('DELETE', routes.session(learner.slug), now)).status).toBe(200);
  });

  it('begins at the first step where the learner wants that', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    await pass(app, learner, 'first');
    const { body } = await learner.reset(false);
    expect(body).toMatchObject({ current: 'first', steps: [{ state: 'open', passedAt: null }, {}] });
    await learner.untilSession(({ run, status }) => run === body.run && status === 'ready');
  });

  it('can be reset where it has lost a host, with its progress', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    await pass(app, learner, 'first');
    app.provisioner.cluster.lose.resolve('host02');
    await learner.untilSession(({ status }) => status === 'failed');
    const { body } = await learner.reset(true);
    expect(body.steps[0]?.state).toBe('passed');
    await learner.untilSession(({ run, status }) => run === body.run && status === 'ready');
  });

  it('is not reset while it has no hosts yet', async () => {
    await using app = await startTestApp();
    app.provisioner.hold();
    using learner = app.client();
    await pressStart(learner);
    expect((await learner.reset(true)).body.error).toBe('session_not_ready');
    app.provisioner.release();
  });
});

describe('where the engine holds no more labs', () => {
  const full = (queue = 2) => startTestApp({ capacity: 1, terms: { queue } });

  it('whoever presses Start waits, sees the place move up, and gets the lab when it is free', async () => {
    await using app = await full();
    using learners = await startInTurn(app);
    const { one, two, three, waiting } = learners;
    expect(waiting).toMatchObject([
      { status: 'queued', place: 1 },
      { status: 'queued', place: 2 },
    ]);
    const text = await two.request<StepContent>('GET', routes.step(SLUG, 'first'));
    expect(text.body.provisional).toBe(true);

    await one.request('DELETE', routes.session(SLUG));
    await two.until('ready');
    const third = await three.untilSession((session) => session.status === 'queued' && session.place === 1);
    expect(third.status).toBe('queued');
    expect(app.provisioner.requests).toBe(2);
  });

  it('whoever leaves the queue gives the place to the next, and one too many is refused in words', async () => {
    await using app = await full();
    using learners = await startInTurn(app);
    const { one, two, three } = learners;
    using four = app.client();
    await four.connect();
    const refused = await four.request('POST', routes.session(SLUG));
    expect([refused.status, refused.body.error]).toEqual([503, 'capacity_exhausted']);
    const left = await two.request<SessionView>('DELETE', routes.session(SLUG));
    expect(left.body).toMatchObject({ status: 'ended', why: 'left-queue' });
    await three.untilSession((session) => session.status === 'queued' && session.place === 1);
    expect(await pressStart(four)).toMatchObject({ status: 'queued', place: 2 });
    await one.request('DELETE', routes.session(SLUG));
    await three.until('ready');
  });

  it('whoever stays away for too long loses the place to the next, and is told so', async () => {
    await using app = await startTestApp({ capacity: 1, terms: { queue: 2, awayAfter: 100 } });
    using learners = await startInTurn(app);
    const { one, two, three, waiting } = learners;
    expect(waiting[0]).toMatchObject({ status: 'queued', place: 1, awayAfter: 100 });
    two.disconnect();
    await three.untilSession((session) => session.status === 'queued' && session.place === 1);
    await one.request('DELETE', routes.session(SLUG));
    await three.until('ready');
    await two.connect();
    expect(two.session).toMatchObject({ status: 'ended', why: 'away' });
    expect(app.provisioner.requests).toBe(2);
  });

  it('whoever is not there when it is their turn, and does not come, makes room for the next', async () => {
    await using app = await startTestApp({ capacity: 1, terms: { queue: 2, awayAfter: 400 } });
    using learners = await startInTurn(app);
    const { one, two, three } = learners;
    two.disconnect();
    await one.request('DELETE', routes.session(SLUG));
    await three.until('ready');
    expect(app.provisioner.clusters[1]?.disposals ?? 1).toBe(1);
    await two.connect();
    expect(two.session).toMatchObject({ status: 'ended', why: 'away' });
  });

  it('the queue is as it was when the server is started again', async () => {
    await using app = await full();
    using learners = await startInTurn(app);
    const { one, three } = learners;
    const states = () =>
      app.store.load().map(({ state }) => (state.status === 'queued' ? state.place : state.status));
    expect(states()).toEqual(['ready', 1, 2]);

    await app.leave();
    await using next = await startTestApp({ after: app, capacity: 1, terms: { queue: 2 }, preparing: true });
    using again = next.client();
    again.cookie = three.cookie;
    next.openEngine();
    await again.connect();
    await again.untilSession((session) => session.status === 'queued' && session.place === 2);
    expect(new Set(states())).toEqual(new Set([1, 2, 'ready']));
    using first = next.client();
    first.cookie = one.cookie;
    await first.request('DELETE', routes.session(SLUG));
    await again.untilSession((session) => session.status === 'queued' && session.place === 1);
  });

  it('labs that were started before that was known wait in the order in which they came', async () => {
    await using app = await startTestApp({ capacity: 1, terms: { queue: 5 }, preparing: true });
    using one = app.client();
    using two = app.client();
    using three = app.client();
    for (const learner of [one, two, three]) await pressStart(learner);
    app.openEngine();
    await one.until('ready');
    await two.untilSession((session) => session.status === 'queued' && session.place === 1);
    const third = await three.untilSession(({ status }) => status === 'queued');
    expect(third).toMatchObject({ place: 2 });
    await one.request('DELETE', routes.session(SLUG));
    await two.until('ready');
  });
});

describe('a lab that nobody looks at', () => {
  it('is frozen after a while, and goes on as soon as somebody looks', async () => {
    await using app = await startTestApp({ terms: { freezeAfter: 60 } });
    using learner = app.client();
    await learner.start();
    const { cluster } = app.provisioner;
    learner.disconnect();
    await expect.poll(() => cluster.frozen).toBe(true);
    await learner.connect();
    await learner.untilSession((session) => session.status === 'ready' && !session.frozen);
    expect(cluster.frozen).toBe(false);
    expect(await learner.runBlock('first', 'b1')).toEqual({ terminal: 'host01' });
  });

  it('is not frozen while something is printed, or somebody looks', async () => {
    await using app = await startTestApp({ terms: { freezeAfter: 500 } });
    using learner = app.client();
    await learner.start();
    using onlooker = app.client();
    onlooker.cookie = learner.cookie;
    await onlooker.connect();
    learner.disconnect();
    const { cluster } = app.provisioner;
    const until = performance.now() + 800;
    await expect.poll(() => performance.now() > until, { timeout: 5000 }).toBe(true);
    expect(cluster.frozen).toBe(false);
    onlooker.disconnect();
    const printing = performance.now() + 800;
    await expect
      .poll(
        () => {
          cluster.host('host01').pty.print('.');
          return cluster.frozen || performance.now() > printing;
        },
        { interval: 20, timeout: 5000 },
      )
      .toBe(true);
    expect(cluster.frozen).toBe(false);
    await expect.poll(() => cluster.frozen, { timeout: 5000 }).toBe(true);
  });

  it('is thawed for a check, although no page looks', async () => {
    await using app = await startTestApp({ terms: { freezeAfter: 50 } });
    using learner = app.client();
    await learner.start();
    learner.disconnect();
    await expect.poll(() => app.provisioner.cluster.frozen).toBe(true);
    const checked = learner.check('first');
    await app.checks.untilAsked(1);
    expect(app.provisioner.cluster.frozen).toBe(false);
    app.checks.last.answer([passed, passed]);
    expect((await checked).body.steps[0]?.state).toBe('passed');
  });

  it('is removed after a longer while, with a reason, and can be reset with its progress', async () => {
    await using app = await startTestApp({ terms: { freezeAfter: 40, reapAfter: 60 } });
    using learner = app.client();
    await learner.start();
    await pass(app, learner, 'first');
    const { cluster } = app.provisioner;
    learner.disconnect();
    await expect.poll(() => cluster.disposals).toBe(1);
    expect(cluster.frozen).toBe(false);
    await learner.connect();
    expect(learner.session).toMatchObject({ status: 'ended', why: 'idle', steps: [{ state: 'passed' }, {}] });
    const catalogue = await learner.request<CatalogueEntry[]>('GET', routes.scenarios());
    expect(catalogue.body[0]?.progress).toEqual({ state: 'stopped', step: 1, steps: 2 });
    const { body } = await learner.reset(true);
    await learner.untilSession(({ run, status }) => run === body.run && status === 'ready');
    expect(learner.session?.steps[0]?.state).toBe('passed');
  });

  it('is found frozen by the next start of the server, and told why it is over by the one after', async () => {
    await using app = await startTestApp({ terms: { freezeAfter: 40 } });
    using learner = app.client();
    await learner.start();
    learner.disconnect();
    await expect.poll(() => app.provisioner.cluster.frozen).toBe(true);
    await app.leave();
    await using next = await startTestApp({ after: app, terms: { freezeAfter: 60_000, reapAfter: 80 } });
    await expect.poll(() => app.provisioner.cluster.disposals).toBe(1);
    await next.leave();
    await using last = await startTestApp({ after: app });
    using again = last.client();
    again.cookie = learner.cookie;
    await again.connect();
    expect(again.session).toMatchObject({ status: 'ended', why: 'idle' });
  });
});

it('a scenario with free gating gives every step from the start, and its finish only when all is done', async () => {
  await using app = await startTestApp({ scenario: { ...twoStepScenario, gating: 'free' } });
  using learner = app.client();
  await learner.start();
  const text = await learner.request<StepContent>('GET', routes.step(SLUG, 'second'));
  expect(text.body.html.en).toContain('the secret of step two');
  await pass(app, learner, 'second');
  const early = await learner.next();
  expect([early.status, early.body.error]).toEqual([409, 'step_not_passed']);
  await pass(app, learner, 'first');
  expect((await learner.next()).body.status).toBe('finished');
});
