import { describe, expect, it } from 'vitest';
import type { SessionManager } from '../../../server/sessions/manager.ts';
import { openSessionStore, type SessionStore } from '../../../server/sessions/store.ts';
import { FakeProvisioner } from '../../support/fake-provisioner.ts';
import { RecordingViewer } from '../../support/recording-viewer.ts';
import { twoStepScenario } from '../../support/scenarios.ts';
import { passed, ScriptedChecks } from '../../support/scripted-checks.ts';
import { testSessions } from '../../support/test-sessions.ts';

const LAB = twoStepScenario.slug;
const [first, second] = twoStepScenario.steps;
if (first === undefined || second === undefined) throw new Error('the scenario has two steps');

/** An engine with its clusters and a store, on which one server after another is started. */
function setUp() {
  const provisioner = new FakeProvisioner();
  const checks = new ScriptedChecks();
  const store = openSessionStore(':memory:');
  const serve = (scenario = twoStepScenario) =>
    testSessions({ scenario, provisioner, store, checks }).sessions;
  /** A lab that is open when its server is stopped. */
  const leaveReady = async () => {
    const server = serve();
    server.start('ada', LAB);
    await until(server, 'ready');
    await server.leave();
  };
  return { provisioner, checks, store, serve, leaveReady };
}

/** The clusters that a start of the server would look for. */
const clustersIn = (store: SessionStore) => store.load().flatMap(({ cluster }) => cluster ?? []);

async function until(sessions: SessionManager, status: string): Promise<void> {
  await expect.poll(() => sessions.get('ada', LAB)?.status, { interval: 1 }).toBe(status);
}

describe('a session of an earlier start of the server', () => {
  it('goes on with its progress and its hosts, whether the server was stopped or killed', async () => {
    const { provisioner, checks, serve } = setUp();
    const before = serve();
    before.start('ada', LAB);
    await until(before, 'ready');
    const check = before.check('ada', LAB, first.id);
    checks.last.answer(Array.from({ length: checks.last.count }, () => passed));
    await check;
    before.next('ada', LAB);
    const kept = before.get('ada', LAB);

    // Nothing is told to the one before: so it is when it is killed.
    const after = serve();
    expect(after.get('ada', LAB)).toMatchObject({
      status: 'provisioning',
      run: kept?.run,
      current: second.id,
    });
    await until(after, 'ready');
    expect(after.get('ada', LAB)).toEqual({ ...kept, now: expect.any(Number) });
    expect(provisioner.requests).toBe(1);

    await after.leave();
    expect(provisioner.cluster.disposals).toBe(0);
    const last = serve();
    await until(last, 'ready');
    expect(last.get('ada', LAB)).toEqual({ ...kept, now: expect.any(Number) });
  });

  it('gives its shells’ bytes the numbers that they had', async () => {
    const { provisioner, serve } = setUp();
    const before = serve();
    before.start('ada', LAB);
    await until(before, 'ready');
    const host = provisioner.cluster.host('host01');
    host.pty.print('before');
    await host.pty.drained();
    await before.leave();

    const after = serve();
    await until(after, 'ready');
    const terminal = after.terminal('ada', LAB, 'host01');
    if (terminal === undefined) throw new Error('host01 has no terminal');
    host.ptys.at(-1)?.print(' and after');
    const viewer = new RecordingViewer(terminal);
    terminal.attach(viewer, 'before'.length);
    await viewer.until(({ bytes }) => bytes.includes('after'));
    expect(viewer.bytes.toString()).toBe(' and after');
  });

  it('has the terminals that the learner has opened besides, and not those that were closed', async () => {
    const { provisioner, serve } = setUp();
    const before = serve();
    before.start('ada', LAB);
    await until(before, 'ready');
    await before.openTerminal('ada', LAB, 'host01');
    await before.openTerminal('ada', LAB, 'host01');
    const host = provisioner.cluster.host('host01');
    const third = host.ptys[2];
    host.ptys[1]?.print('of the second');
    third?.print('of the third');
    await third?.drained();
    await before.closeTerminal('ada', LAB, 'host01-2');
    const kept = before.get('ada', LAB);
    await before.leave();

    const after = serve();
    await until(after, 'ready');
    expect(after.get('ada', LAB)).toEqual({ ...kept, now: expect.any(Number) });
    expect(after.terminal('ada', LAB, 'host01-2')).toBeUndefined();
    const terminal = after.terminal('ada', LAB, 'host01-3');
    if (terminal === undefined) throw new Error('host01-3 is gone');
    host.ptys.findLast(({ id }) => id === third?.id)?.print(', and after');
    const viewer = new RecordingViewer(terminal);
    terminal.attach(viewer, 'of the third'.length);
    await viewer.until(({ bytes }) => bytes.includes('after'));
    expect(viewer.bytes.toString()).toBe(', and after');
  });

  it('says that its hosts are gone where they are, and can be started again', async () => {
    const { provisioner, store, serve, leaveReady } = setUp();
    await leaveReady();
    await provisioner.cluster[Symbol.asyncDispose]();

    const after = serve();
    await until(after, 'failed');
    expect(after.get('ada', LAB)).toMatchObject({ reason: { en: expect.stringContaining('were gone') } });
    expect(clustersIn(store)).toEqual([]);
    after.start('ada', LAB);
    await until(after, 'ready');
  });

  it('is provisioned anew where its hosts were not up yet, under the same run', async () => {
    const { provisioner, serve } = setUp();
    provisioner.hold();
    const before = serve();
    const { run } = before.start('ada', LAB);
    provisioner.release();

    const after = serve();
    await until(after, 'ready');
    expect(after.get('ada', LAB)?.run).toBe(run);
    expect(provisioner.requests).toBe(2);
  });

  it('is not forgotten by a server that is killed while it still looks for the hosts', async () => {
    const { provisioner, serve, leaveReady } = setUp();
    await leaveReady();

    provisioner.hold();
    serve();
    provisioner.release();
    const after = serve();
    await until(after, 'ready');
    expect(provisioner.adoptions).toEqual([provisioner.cluster.id, provisioner.cluster.id]);
  });

  it('keeps its hosts where the server is stopped while it still looks for them', async () => {
    const { provisioner, serve, leaveReady } = setUp();
    await leaveReady();

    provisioner.hold();
    const stopped = serve();
    const left = stopped.leave();
    provisioner.release();
    await left;
    expect(provisioner.cluster.disposals).toBe(0);
    const shells = provisioner.cluster.host('host01').ptys;
    expect(shells.at(-1)?.detached).toBe(true);
    await until(serve(), 'ready');
  });

  it('leaves no hosts where it is ended, or over, because they could not be found', async () => {
    const { provisioner, store, serve, leaveReady } = setUp();
    for (const ends of [true, false]) {
      await leaveReady();
      provisioner.hold();
      const after = serve();
      const ended = ends ? after[Symbol.asyncDispose]() : until(after, 'failed');
      provisioner.fail(new Error('the engine answered 500'));
      await ended;
      expect([provisioner.cluster.disposals, clustersIn(store)]).toEqual([1, []]);
    }
  });

  it.each(['found', 'made'])(
    'leaves no hosts and no shells where they are %s, but their checks break',
    async (way) => {
      const { provisioner, checks, store, serve, leaveReady } = setUp();
      if (way === 'found') await leaveReady();
      checks.broken = new Error('no checks can be made');
      const after = serve();
      if (way === 'made') after.start('ada', LAB);
      await until(after, 'failed');
      expect([provisioner.cluster.disposals, clustersIn(store)]).toEqual([1, []]);
      const shells = [...provisioner.cluster.hosts.values()].map(({ ptys }) => ptys.at(-1)?.disposed);
      expect(shells).toEqual([true, true]);
    },
  );

  it('keeps its hosts where it is let go of while they cannot be found', async () => {
    const { provisioner, serve, leaveReady } = setUp();
    await leaveReady();
    provisioner.hold();
    const left = serve().leave();
    provisioner.fail(new Error('the engine answered 500'));
    await left;
    expect(provisioner.cluster.disposals).toBe(0);
    await until(serve(), 'ready');
  });

  it('goes on where a shell cannot be reached any more, which has then ended', async () => {
    const { provisioner, serve, leaveReady } = setUp();
    await leaveReady();
    provisioner.cluster.host('host01').attachError = new Error('OCI runtime exec failed');

    const after = serve();
    await until(after, 'ready');
    const terminal = after.terminal('ada', LAB, 'host01');
    if (terminal === undefined) throw new Error('host01 has no terminal');
    const viewer = new RecordingViewer(terminal);
    terminal.attach(viewer, 0);
    await viewer.until(({ bytes }) => bytes.includes('Shell ended'));
    expect(provisioner.cluster.disposals).toBe(0);
  });

  it('is dropped where its scenario has other steps now, and leaves no hosts', async () => {
    const { provisioner, store, serve, leaveReady } = setUp();
    await leaveReady();
    const after = serve({ ...twoStepScenario, steps: [first] });
    expect(after.get('ada', LAB)).toBeNull();
    expect(store.load()).toEqual([]);
    expect(provisioner.cluster.disposals).toBe(1);
  });

  it('is over when it was ended, and nothing is left of its hosts', async () => {
    const { store, serve } = setUp();
    const before = serve();
    before.start('ada', LAB);
    await until(before, 'ready');
    before.end('ada', LAB);
    expect(clustersIn(store)).toEqual([]);
    expect(serve().get('ada', LAB)).toMatchObject({ status: 'ended', why: 'asked' });
  });
});
