import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { SessionView } from '../../../server/protocol/index.ts';
import { EngineGate } from '../../../server/sessions/engine-gate.ts';
import { LabError } from '../../../server/sessions/errors.ts';
import { SessionManager } from '../../../server/sessions/manager.ts';
import { openSessionStore } from '../../../server/sessions/store.ts';
import { NO_TERMS } from '../../../server/sessions/terms.ts';
import { OwnHostsGate } from '../../../server/sessions/own-hosts-gate.ts';
import { FakeProvisioner } from '../../support/fake-provisioner.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { RecordingViewer } from '../../support/recording-viewer.ts';
import { page, step, twoStepScenario } from '../../support/scenarios.ts';
import { notYet, passed, ScriptedChecks } from '../../support/scripted-checks.ts';
import { settled } from '../../support/settled.ts';
import { Signal } from '../../support/signal.ts';

const LAB = twoStepScenario.slug;

function setUp({
  capacity = 10,
  scenario = twoStepScenario,
  preparing = false,
  provisioner = new FakeProvisioner(),
  store = openSessionStore(':memory:'),
  terms = NO_TERMS,
} = {}) {
  const checks = new ScriptedChecks();
  const lines = new MemoryLog();
  const engine = new EngineGate();
  if (!preparing) engine.open(provisioner.means(capacity));
  const sessions = new SessionManager({
    scenarios: new Map([[LAB, scenario]]),
    provision: engine.provision,
    adopt: engine.adopt,
    remove: engine.remove,
    requireRoom: engine.requireRoom,
    ownHosts: new OwnHostsGate(),
    engineEnded: engine.hasEnded,
    store,
    terms,
    openChecks: checks.open,
    log: pino({ level: 'debug' }, lines),
  });
  const changed = new Signal();
  const views: SessionView[] = [];
  sessions.subscribe('ada', LAB, (view) => {
    views.push(view);
    changed.notify();
  });
  const reaches = (status: SessionView['status']) =>
    changed.until(() => sessions.get('ada', LAB)?.status === status);
  const startReady = async () => {
    sessions.start('ada', LAB);
    await reaches('ready');
  };
  /** The learner has left the shell of host01. */
  const endShell = async () => {
    const terminal = sessions.terminal('ada', LAB, 'host01');
    if (terminal === undefined) throw new Error('host01 has no terminal');
    const viewer = new RecordingViewer(terminal);
    terminal.attach(viewer, 0);
    provisioner.cluster.host('host01').pty.end(0);
    await viewer.until(({ bytes }) => bytes.includes('Shell ended'));
  };
  const pass = async (id: string) => {
    const view = sessions.check('ada', LAB, id);
    checks.last.answer(Array.from({ length: checks.last.count }, () => passed));
    return view;
  };
  return {
    ...{ provisioner, store, engine, checks, lines, sessions, views, changed },
    ...{ reaches, startReady, endShell, pass },
  };
}

const code = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof LabError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
};
const rejection = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: unknown) => (error instanceof LabError ? error.code : String(error)),
  );

describe('starting', () => {
  it('gives one lab to a double click', async () => {
    const { sessions, provisioner, reaches } = setUp();
    sessions.start('ada', LAB);
    sessions.start('ada', LAB);
    await reaches('ready');
    expect(sessions.start('ada', LAB).status).toBe('ready');
    expect(provisioner.requests).toBe(1);
  });

  it('is another run each time, and the same one for as long as it lasts', async () => {
    const { sessions, startReady } = setUp();
    const { run } = sessions.start('ada', LAB);
    await startReady();
    expect(sessions.get('ada', LAB)?.run).toBe(run);
    expect(sessions.end('ada', LAB).run).toBe(run);
    expect(sessions.start('ada', LAB).run).not.toBe(run);
    expect(sessions.start('bob', LAB).run).not.toBe(run);
  });

  it('gives each owner a lab of their own', async () => {
    const { sessions, provisioner, startReady } = setUp();
    await startReady();
    expect(sessions.get('bob', LAB)).toBeNull();
    sessions.start('bob', LAB);
    expect(provisioner.requests).toBe(2);
  });

  it('tells of each host as it comes up, and opens a shell of 80 by 24 on each', async () => {
    const { sessions, provisioner, views, reaches } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    expect(views.at(-1)).toMatchObject({ hosts: [{ state: 'starting' }, { state: 'starting' }] });
    provisioner.release();
    await reaches('ready');
    expect(views.at(-1)).toMatchObject({
      terminals: [
        { id: 'host01', host: 'host01' },
        { id: 'host02', host: 'host02' },
      ],
    });
    for (const host of provisioner.cluster.hosts.values()) {
      expect(host.ptys.map((pty) => pty.sizes)).toEqual([[{ columns: 80, rows: 24 }]]);
    }
  });

  it('fails with a reason for people and the cause in the log, and may be tried again', async () => {
    const { sessions, provisioner, lines, reaches } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    provisioner.fail(new Error('no space left on device'));
    await reaches('failed');
    const view = sessions.get('ada', LAB);
    expect(view).toMatchObject({ reason: { en: expect.any(String), 'zh-CN': expect.any(String) } });
    expect(JSON.stringify(view)).not.toContain('no space');
    expect(lines.text).toContain('no space left on device');
    sessions.start('ada', LAB);
    await reaches('ready');
  });

  it('removes the cluster and every shell when one host’s shell cannot be opened', async () => {
    const { sessions, provisioner, reaches } = setUp();
    provisioner.prepare = (cluster) => {
      cluster.host('host01').ptyError = new Error('exec failed');
    };
    sessions.start('ada', LAB);
    await reaches('failed');
    expect(provisioner.cluster.disposals).toBe(1);
    expect(provisioner.cluster.host('host02').pty.disposed).toBe(true);
  });

  it('knows no lab that there is not', () => {
    const { sessions } = setUp();
    expect(code(() => sessions.start('ada', 'other'))).toBe('scenario_not_found');
    expect(code(() => sessions.get('ada', 'other'))).toBe('scenario_not_found');
  });
});

describe('ending', () => {
  it('ends the shells and removes the cluster', async () => {
    const { sessions, provisioner, startReady } = setUp();
    await startReady();
    expect(sessions.end('ada', LAB).status).toBe('ended');
    await sessions[Symbol.asyncDispose]();
    expect(provisioner.cluster.disposals).toBe(1);
    expect(provisioner.cluster.host('host01').pty.disposed).toBe(true);
    expect(sessions.terminal('ada', LAB, 'host01')).toBeUndefined();
  });

  it('stops provisioning', () => {
    const { sessions, provisioner } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    sessions.end('ada', LAB);
    expect(provisioner.signals[0]?.aborted).toBe(true);
    provisioner.release();
  });

  it('is not undone by a late “provisioned”, whose cluster is removed', async () => {
    const { sessions, provisioner } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    sessions.end('ada', LAB);
    provisioner.release();
    await sessions[Symbol.asyncDispose]();
    expect(sessions.get('ada', LAB)?.status).toBe('ended');
    expect(provisioner.cluster.disposals).toBe(1);
    expect(provisioner.cluster.host('host01').ptys).toEqual([]);
  });

  it('is not undone by a late failure of provisioning, which is no error then', async () => {
    const { sessions, provisioner, lines } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    sessions.end('ada', LAB);
    provisioner.fail(new Error('aborted'));
    await sessions[Symbol.asyncDispose]();
    expect(sessions.get('ada', LAB)?.status).toBe('ended');
    expect(lines.errors).toEqual([]);
  });

  it('gives way to a new lab at once, which the old one’s late cluster does not touch', async () => {
    const { sessions, provisioner, reaches } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    sessions.end('ada', LAB);
    sessions.start('ada', LAB);
    provisioner.release();
    await reaches('ready');
    const [first, second] = provisioner.clusters;
    await settled();
    expect([first?.disposals, second?.disposals]).toEqual([1, 0]);
    expect(sessions.terminal('ada', LAB, 'host01')?.alive).toBe(true);
    await sessions[Symbol.asyncDispose]();
    expect([first?.disposals, second?.disposals]).toEqual([1, 1]);
  });

  it('stops the checks under way, whose late verdicts pass no step', async () => {
    const { sessions, checks, startReady } = setUp();
    await startReady();
    const view = sessions.check('ada', LAB, 'first');
    sessions.end('ada', LAB);
    expect(checks.last.signal.aborted).toBe(true);
    checks.last.answer([passed, passed]);
    expect(await view).toMatchObject({ status: 'ended', steps: [{ state: 'open', checking: false }, {}] });
  });

  it('removes a cluster once, however often it is asked for', async () => {
    const { sessions, provisioner, startReady } = setUp();
    await startReady();
    sessions.end('ada', LAB);
    sessions.end('ada', LAB);
    await sessions[Symbol.asyncDispose]();
    await sessions[Symbol.asyncDispose]();
    expect(provisioner.cluster.disposals).toBe(1);
  });

  it('of everything, at the server’s end, waits for labs that are still being made', async () => {
    const { sessions, provisioner } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    sessions.start('bob', LAB);
    const disposed = sessions[Symbol.asyncDispose]();
    provisioner.release();
    await disposed;
    expect(provisioner.clusters.map((cluster) => cluster.disposals)).toEqual([1, 1]);
  });

  it('of everything waits also for the removal of labs that others have taken the place of', async () => {
    const { sessions, provisioner, startReady } = setUp();
    await startReady();
    const removal = Promise.withResolvers<void>();
    provisioner.cluster.removed = removal.promise;
    sessions.end('ada', LAB);
    await startReady();
    let done = false;
    const disposed = sessions[Symbol.asyncDispose]().then(() => (done = true));
    await settled();
    expect([done, ...provisioner.clusters.map(({ disposals }) => disposals)]).toEqual([false, 1, 1]);
    removal.resolve();
    await disposed;
  });

  it('is not undone by shells that open late, which end with their cluster', async () => {
    const { sessions, provisioner } = setUp();
    const gate = Promise.withResolvers<void>();
    provisioner.prepare = (cluster) => {
      const host = cluster.host('host02');
      const open = host.openPty.bind(host);
      host.openPty = async (size) => {
        await gate.promise;
        return open(size);
      };
    };
    sessions.start('ada', LAB);
    await settled();
    const ended = sessions.end('ada', LAB);
    gate.resolve();
    await sessions[Symbol.asyncDispose]();
    expect(sessions.get('ada', LAB)).toMatchObject({ status: 'ended', run: ended.run });
    const ptys = [...provisioner.cluster.hosts.values()].flatMap((host) => host.ptys);
    expect(ptys.map(({ disposed }) => disposed)).toEqual([true, true]);
    expect(provisioner.cluster.disposals).toBe(1);
  });

  it('asks for a session', () => {
    const { sessions } = setUp();
    expect(code(() => sessions.end('ada', LAB))).toBe('session_not_found');
  });
});

describe('a host that stops although nobody has ended the lab', () => {
  it('ends the lab with a reason that names it, and what is left of the cluster is removed', async () => {
    const { sessions, provisioner, reaches, startReady, lines } = setUp();
    await startReady();
    const { cluster } = provisioner;
    cluster.lose.resolve('host02');
    await reaches('failed');
    expect(sessions.get('ada', LAB)).toMatchObject({ reason: { en: expect.stringContaining('host02') } });
    await expect.poll(() => cluster.disposals).toBe(1);
    expect(lines.text).toContain('a host has stopped');
    sessions.start('ada', LAB);
    await reaches('ready');
  });

  it('leaves the lab its place until the rest of it is removed', async () => {
    const { sessions, provisioner, reaches, startReady } = setUp();
    await startReady();
    const removed = Promise.withResolvers<void>();
    provisioner.cluster.removed = removed.promise;
    provisioner.cluster.lose.resolve('host02');
    await reaches('failed');
    expect([sessions.open, sessions.places]).toEqual([0, 1]);
    removed.resolve();
    await expect.poll(() => sessions.places).toBe(0);
  });

  it('changes nothing for somebody who ends the lab at that moment', async () => {
    const { sessions, provisioner, startReady, reaches, lines } = setUp();
    await startReady();
    sessions.end('ada', LAB);
    provisioner.cluster.lose.resolve('host02');
    await expect.poll(() => provisioner.cluster.disposals).toBe(1);
    await settled();
    await reaches('ended');
    expect(lines.errors).toEqual([]);
  });
});

describe('a locked step', () => {
  it('gives away neither its text, nor its commands, nor its checks', async () => {
    const { sessions, checks, startReady, provisioner } = setUp();
    await startReady();
    expect(code(() => sessions.content('ada', LAB, 'second'))).toBe('step_locked');
    expect(await rejection(sessions.typeBlock('ada', LAB, 'second', 'b1'))).toBe('step_locked');
    expect(await rejection(sessions.check('ada', LAB, 'second'))).toBe('step_locked');
    expect([checks.runs, provisioner.cluster.host('host01').pty.typed]).toEqual([[], '']);
  });

  it('opens by Next once the one before it has passed, and that one stays readable', async () => {
    const { sessions, startReady, pass } = setUp();
    await startReady();
    expect(code(() => sessions.next('ada', LAB))).toBe('step_not_passed');
    await pass('first');
    expect(code(() => sessions.content('ada', LAB, 'second'))).toBe('step_locked');
    expect(sessions.next('ada', LAB).current).toBe('second');
    expect(sessions.content('ada', LAB, 'second').html.en).toContain('the secret of step two');
    expect(sessions.content('ada', LAB, 'first').html.en).toContain('join');
  });

  it('is not skipped by a double click on Next', async () => {
    const { sessions, startReady, pass } = setUp();
    await startReady();
    await pass('first');
    sessions.next('ada', LAB);
    expect(code(() => sessions.next('ada', LAB))).toBe('step_not_passed');
    expect(sessions.get('ada', LAB)?.status).toBe('ready');
  });

  it('is another answer than a step that there is not', async () => {
    const { sessions, startReady } = setUp();
    await startReady();
    expect(code(() => sessions.content('ada', LAB, 'third'))).toBe('step_not_found');
    expect(await rejection(sessions.check('ada', LAB, 'third'))).toBe('step_not_found');
  });
});

describe('the finish', () => {
  it('comes by Next after the last step, and its text not before', async () => {
    const { sessions, startReady, pass } = setUp();
    await startReady();
    await pass('first');
    sessions.next('ada', LAB);
    await pass('second');
    expect(code(() => sessions.finishContent('ada', LAB))).toBe('step_locked');
    expect(sessions.next('ada', LAB).status).toBe('finished');
    expect(sessions.finishContent('ada', LAB).html.en).toContain('well done');
    expect(sessions.next('ada', LAB).status).toBe('finished');
    expect(sessions.terminal('ada', LAB, 'host01')?.alive).toBe(true);
  });
});

describe('checking', () => {
  it('gives the verdicts, one by one in the scenario’s order', async () => {
    const { sessions, checks, startReady } = setUp();
    await startReady();
    const view = sessions.check('ada', LAB, 'first');
    expect(sessions.get('ada', LAB)?.steps[0]?.checking).toBe(true);
    checks.last.answer([passed, notYet('1 of 2 replicas run')]);
    expect((await view).steps[0]).toMatchObject({
      state: 'open',
      checking: false,
      verdicts: [passed, notYet('1 of 2 replicas run')],
    });
  });

  it('asked for twice at once is made once, and both get its verdicts', async () => {
    const { sessions, checks, startReady } = setUp();
    await startReady();
    const both = Promise.all([sessions.check('ada', LAB, 'first'), sessions.check('ada', LAB, 'first')]);
    checks.last.answer([passed, passed]);
    for (const view of await both) expect(view.steps[0]?.state).toBe('passed');
    expect(checks.runs).toHaveLength(1);
  });

  it('is made anew when asked again after it has failed', async () => {
    const { sessions, checks, startReady, pass } = setUp();
    await startReady();
    const view = sessions.check('ada', LAB, 'first');
    checks.last.answer([notYet('no'), notYet('no')]);
    await view;
    expect((await pass('first')).steps[0]?.state).toBe('passed');
    expect(checks.runs).toHaveLength(2);
  });

  it('is not made again for a step that has passed', async () => {
    const { sessions, checks, startReady, pass } = setUp();
    await startReady();
    await pass('first');
    expect((await sessions.check('ada', LAB, 'first')).steps[0]?.state).toBe('passed');
    expect(checks.runs).toHaveLength(1);
  });

  it('that breaks says so of every check, in other words than “not yet”, and logs the cause', async () => {
    const { sessions, checks, lines, startReady } = setUp();
    await startReady();
    const view = sessions.check('ada', LAB, 'first');
    checks.last.fail(new Error('validator blew up'));
    expect((await view).steps[0]).toMatchObject({
      state: 'open',
      checking: false,
      verdicts: [{ outcome: 'error' }, { outcome: 'error' }],
    });
    expect(lines.text).toContain('validator blew up');
  });

  it('waits for the hosts', async () => {
    const { sessions, provisioner } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    expect(await rejection(sessions.check('ada', LAB, 'first'))).toBe('session_not_ready');
    expect(code(() => sessions.next('ada', LAB))).toBe('session_not_ready');
    expect(await rejection(sessions.typeBlock('ada', LAB, 'first', 'b1'))).toBe('session_not_ready');
    provisioner.release();
  });
});

describe('a command block', () => {
  it('is typed into its host’s terminal with this cluster’s addresses', async () => {
    const { sessions, provisioner, startReady } = setUp();
    await startReady();
    const typed = sessions.typeBlock('ada', LAB, 'first', 'b2');
    provisioner.cluster.host('host02').pty.print('^C\r\n$ ');
    expect(await typed).toBe('host02');
    const { address } = provisioner.cluster.host('host01');
    expect(provisioner.cluster.host('host02').pty.typed).toBe(`\x03join ${address}\rdone\r`);
    expect(provisioner.cluster.host('host01').pty.typed).toBe('');
  });

  it('is refused where there is none of that name', async () => {
    const { sessions, startReady } = setUp();
    await startReady();
    expect(await rejection(sessions.typeBlock('ada', LAB, 'first', 'b9'))).toBe('block_not_found');
  });

  it('is typed into a new shell where the one before has ended', async () => {
    const { sessions, provisioner, startReady, endShell } = setUp();
    await startReady();
    await endShell();
    const typed = sessions.typeBlock('ada', LAB, 'first', 'b1');
    const next = await provisioner.cluster.host('host01').nextPty();
    next.print('$ ');
    expect([await typed, next.typed]).toEqual(['host01', 'hostname\r']);
  });

  it('is refused with a reason, and the cause logged, where its host gives no new shell', async () => {
    const { sessions, provisioner, lines, startReady, endShell } = setUp();
    await startReady();
    await endShell();
    provisioner.cluster.host('host01').ptyError = new Error('no such container');
    expect(await rejection(sessions.typeBlock('ada', LAB, 'first', 'b1'))).toBe('session_not_ready');
    expect(lines.errors.join()).toContain('no such container');
  });
});

describe('a step’s text', () => {
  it('that names no address can be read while the hosts start', async () => {
    const { sessions, provisioner } = setUp({
      scenario: { ...twoStepScenario, steps: [step('first', 1, page('read me'))] },
    });
    provisioner.hold();
    sessions.start('ada', LAB);
    expect(sessions.content('ada', LAB, 'first').html.en).toContain('read me');
    provisioner.release();
  });

  it('that names addresses is provisional before there are any, and then has them', async () => {
    const { sessions, provisioner, reaches } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    const before = sessions.content('ada', LAB, 'first');
    expect(before).toMatchObject({
      html: { en: '<p>join <var>‹host01’s address›</var></p>' },
      provisional: true,
    });
    provisioner.release();
    await reaches('ready');
    const { html, blocks, provisional } = sessions.content('ada', LAB, 'first');
    expect(provisional).toBe(false);
    expect(html.en).toContain(provisioner.cluster.host('host01').address);
    expect(blocks).toEqual([
      { id: 'b1', host: 'host01', interrupt: false },
      { id: 'b2', host: 'host02', interrupt: true },
    ]);
  });
});

describe('the log', () => {
  it('tells a session’s life, each line with its scenario and run', async () => {
    const { sessions, lines, startReady, pass } = setUp();
    await startReady();
    await pass('first');
    sessions.next('ada', LAB);
    await pass('second');
    sessions.next('ada', LAB);
    const { run } = sessions.end('ada', LAB);
    expect(lines.news.filter(({ msg }) => msg !== 'check made')).toMatchObject([
      { msg: 'session started', scenario: LAB, run, hosts: 2 },
      { msg: 'session ready', scenario: LAB, run, seconds: expect.any(Number) },
      { msg: 'session finished', scenario: LAB, run, seconds: expect.any(Number) },
      { msg: 'session ended', scenario: LAB, run, seconds: expect.any(Number) },
    ]);
    // Not as a part of a run's random name.
    expect(lines.text).not.toMatch(/\bada\b/);
  });

  it('tells that a session failed, beside the cause', async () => {
    const { sessions, provisioner, lines, reaches } = setUp();
    provisioner.hold();
    const { run } = sessions.start('ada', LAB);
    provisioner.fail(new Error('no space left on device'));
    await reaches('failed');
    expect(lines.news.at(-1)).toMatchObject({ msg: 'session failed', scenario: LAB, run });
    expect(lines.errors.join()).toContain(run);
  });

  it('tells the outcome of each check, without the words that a learner reads', async () => {
    const { sessions, checks, lines, startReady } = setUp();
    await startReady();
    const view = sessions.check('ada', LAB, 'first');
    checks.last.answer([passed, notYet('1 of 2 replicas run')]);
    const { run } = await view;
    const line = { msg: 'check made', scenario: LAB, run, step: 'first', validator: 'always' };
    expect(lines.news.filter(({ msg }) => msg === 'check made')).toMatchObject([
      { ...line, outcome: 'pass' },
      { ...line, outcome: 'fail' },
    ]);
    expect(lines.text).not.toContain('replicas');
  });

  it('tells what a check broke on, with its cause, its validator and its step', async () => {
    const { sessions, checks, lines, startReady } = setUp();
    await startReady();
    const view = sessions.check('ada', LAB, 'first');
    checks.last.breakFirst(new Error('host01 could not be asked', { cause: new Error('exec failed') }));
    checks.last.answer([passed, passed]);
    const { run } = await view;
    expect(lines.errors.map((line): unknown => JSON.parse(line))).toMatchObject([
      {
        msg: 'check broke',
        scenario: LAB,
        run,
        step: 'first',
        validator: 'always',
        err: { message: 'host01 could not be asked: exec failed' },
      },
    ]);
  });

  it('tells no outcome of checks that the session’s end has stopped', async () => {
    const { sessions, checks, lines, startReady } = setUp();
    await startReady();
    const view = sessions.check('ada', LAB, 'first');
    sessions.end('ada', LAB);
    checks.last.fail(new Error('aborted'));
    await view;
    expect(lines.text).not.toContain('check made');
  });
});

describe('a machine that holds one lab', () => {
  it('refuses a second owner in words, and takes them once the first has ended and is removed', async () => {
    const { sessions, provisioner, startReady } = setUp({ capacity: 1 });
    await startReady();
    const removal = Promise.withResolvers<void>();
    provisioner.cluster.removed = removal.promise;
    expect(code(() => sessions.start('bob', LAB))).toBe('capacity_exhausted');
    expect(sessions.get('bob', LAB)).toBeNull();
    expect(sessions.start('ada', LAB).status).toBe('ready');
    sessions.end('ada', LAB);
    expect(code(() => sessions.start('bob', LAB))).toBe('capacity_exhausted');
    await settled();
    expect(provisioner.cluster.disposals).toBe(1);
    expect(code(() => sessions.start('bob', LAB))).toBe('capacity_exhausted');
    removal.resolve();
    await settled();
    expect(sessions.start('bob', LAB).status).toBe('provisioning');
  });

  it('counts a lab that failed no more', async () => {
    const { sessions, provisioner, reaches } = setUp({ capacity: 1 });
    provisioner.hold();
    sessions.start('ada', LAB);
    provisioner.fail(new Error('no space left on device'));
    await reaches('failed');
    expect(sessions.start('bob', LAB).status).toBe('provisioning');
  });
});

describe('while the engine is being prepared', () => {
  it('a lab begins at once, can be read, and goes on by itself when the engine is ready', async () => {
    const { sessions, engine, provisioner, views, reaches } = setUp({ preparing: true });
    expect(sessions.start('ada', LAB).status).toBe('provisioning');
    expect(sessions.content('ada', LAB, 'first').provisional).toBe(true);
    await settled();
    expect(provisioner.requests).toBe(0);
    engine.open(provisioner.means(1));
    await reaches('ready');
    expect(views.some((view) => view.status === 'provisioning' && view.hosts[0]?.state === 'starting')).toBe(
      true,
    );
  });

  it('a lab that is ended waits no longer, and takes nobody’s place', async () => {
    const { sessions, engine, provisioner, lines, reaches } = setUp({ preparing: true });
    sessions.start('bob', LAB);
    sessions.end('bob', LAB);
    sessions.start('ada', LAB);
    await settled();
    engine.open(provisioner.means(1));
    await reaches('ready');
    expect(provisioner.requests).toBe(1);
    expect(lines.errors).toEqual([]);
  });

  it('as many labs as fit go on, the first that came, and the others are refused in the usual words', async () => {
    const { sessions, engine, provisioner, lines } = setUp({ preparing: true });
    for (const owner of ['ada', 'bob', 'eve']) sessions.start(owner, LAB);
    engine.open(provisioner.means(2));
    await settled();
    expect(['ada', 'bob', 'eve'].map((owner) => sessions.get(owner, LAB)?.status)).toEqual([
      'ready',
      'ready',
      'failed',
    ]);
    expect(sessions.get('eve', LAB)).toMatchObject({
      reason: { en: expect.stringContaining('As many labs'), 'zh-CN': expect.any(String) },
    });
    expect(code(() => sessions.start('eve', LAB))).toBe('capacity_exhausted');
    expect(lines.errors).toEqual([]);
  });

  it('and that fails, no other lab can be started, and those there are wait for the next start', async () => {
    const { sessions, store, provisioner, startReady } = setUp();
    await startReady();
    await sessions.leave();
    const failing = setUp({ store, provisioner, preparing: true });
    failing.sessions.start('bob', LAB);
    failing.engine.fail({ en: 'No room on the disk.' });
    expect(code(() => failing.sessions.start('eve', LAB))).toBe('engine_failed');
    await failing.sessions.leave();
    expect(failing.lines.errors).toEqual([]);

    const next = setUp({ store, provisioner, preparing: true });
    next.engine.open(provisioner.means(2));
    await next.reaches('ready');
    await settled();
    expect(['ada', 'bob'].map((owner) => next.sessions.get(owner, LAB)?.status)).toEqual(['ready', 'ready']);
    expect(provisioner.requests).toBe(2);
  });

  it('labs of an earlier start have their places, whoever else has come meanwhile', async () => {
    const { sessions, store, provisioner, startReady } = setUp();
    await startReady();
    await sessions.leave();
    const next = setUp({ store, provisioner, preparing: true });
    next.sessions.start('bob', LAB);
    next.engine.open(provisioner.means(1));
    await next.reaches('ready');
    expect(next.sessions.get('bob', LAB)?.status).toBe('failed');
  });

  it('everything that waits ends with the server', async () => {
    const { sessions, provisioner } = setUp({ preparing: true });
    sessions.start('ada', LAB);
    await sessions[Symbol.asyncDispose]();
    expect([sessions.get('ada', LAB)?.status, provisioner.requests]).toEqual(['ended', 0]);
  });
});

describe('when the engine ends by itself', () => {
  /** With a lab that runs. */
  async function setUpRunning() {
    const provisioner = new FakeProvisioner();
    const here = setUp({ provisioner, preparing: true });
    const means = provisioner.means(10);
    here.engine.open(means);
    await here.startReady();
    const lose = () => {
      provisioner.runs = false;
      here.engine.lose(means);
      here.sessions.loseHosts();
    };
    const replace = () => {
      provisioner.runs = true;
      here.engine.open(provisioner.means(10));
    };
    return { ...here, lose, replace };
  }

  it('its labs are over with the reason, and can be started again on the next', async () => {
    const { sessions, store, views, reaches, lose, replace } = await setUpRunning();
    lose();
    expect(sessions.get('ada', LAB)).toMatchObject({
      status: 'failed',
      reason: { en: expect.stringContaining('has ended unexpectedly'), 'zh-CN': expect.any(String) },
    });
    expect([views.at(-1)?.status, store.load()[0]?.state.status, sessions.open]).toEqual([
      'failed',
      'failed',
      0,
    ]);
    await settled();
    expect(sessions.terminal('ada', LAB, 'host01')).toBeUndefined();
    expect(sessions.start('ada', LAB).status).toBe('provisioning');
    replace();
    await reaches('ready');
  });

  it('labs whose hosts were on their way are made on the next, without anybody’s doing', async () => {
    const { sessions, provisioner, lines, lose, replace } = await setUpRunning();
    provisioner.hold();
    sessions.start('bob', LAB);
    await settled();
    lose();
    provisioner.fail(new Error('connect ECONNREFUSED'));
    await settled();
    expect(sessions.get('bob', LAB)?.status).toBe('provisioning');
    replace();
    await settled();
    expect(sessions.get('bob', LAB)?.status).toBe('ready');
    expect(lines.errors).toEqual([]);
  });
});

it('a scenario that an older engine has not the images for is refused, whether it waits or comes later', async () => {
  const { sessions, engine, provisioner } = setUp({ preparing: true });
  sessions.start('ada', LAB);
  engine.open(provisioner.means(10, [LAB]));
  await settled();
  expect(sessions.get('ada', LAB)).toMatchObject({
    status: 'failed',
    reason: { en: expect.stringContaining('newer engine'), 'zh-CN': expect.any(String) },
  });
  expect(code(() => sessions.start('bob', LAB))).toBe('engine_outdated');
  expect(provisioner.requests).toBe(0);
});

it('how many labs are open is told at each change, and once', async () => {
  const provisioner = new FakeProvisioner();
  const told: number[] = [];
  const sessions = new SessionManager({
    scenarios: new Map([[LAB, twoStepScenario]]),
    provision: provisioner.provision,
    adopt: provisioner.adopt,
    remove: provisioner.remove,
    requireRoom: () => undefined,
    ownHosts: new OwnHostsGate(),
    engineEnded: async () => false,
    onOpenChange: (open) => told.push(open),
    store: openSessionStore(':memory:'),
    terms: NO_TERMS,
    openChecks: new ScriptedChecks().open,
    log: pino({ level: 'silent' }, new MemoryLog()),
  });
  sessions.start('ada', LAB);
  await settled();
  sessions.start('bob', LAB);
  await settled();
  sessions.end('ada', LAB);
  expect([told, sessions.places]).toEqual([[1, 2, 1], 2]);
  await settled();
  expect(sessions.places).toBe(1);
});

describe('a subscriber', () => {
  it('hears of sessions started later and of its own owner’s only, until it has heard enough', async () => {
    const { sessions, reaches } = setUp();
    const heard: string[] = [];
    const unsubscribe = sessions.subscribe('ada', LAB, ({ status }) => heard.push(status));
    sessions.start('bob', LAB);
    expect(heard).toEqual([]);
    sessions.start('ada', LAB);
    await reaches('ready');
    expect(heard.at(-1)).toBe('ready');
    unsubscribe();
    sessions.end('ada', LAB);
    expect(heard.at(-1)).toBe('ready');
  });
});

describe('an operator', () => {
  it('sees the labs of all owners that run, and of none whose it is', async () => {
    const { sessions, startReady } = setUp();
    expect(sessions.list()).toEqual([]);
    await startReady();
    sessions.start('bob', LAB);
    const seen = sessions.list();
    expect(seen).toMatchObject([
      {
        id: sessions.get('ada', LAB)?.run,
        scenario: LAB,
        status: 'ready',
        step: 'first',
        since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        hosts: ['host01', 'host02'],
        // The test itself listens to ada's.
        viewers: 1,
      },
      { id: sessions.get('bob', LAB)?.run, viewers: 0 },
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/ada|bob/);
    sessions.end('ada', LAB);
    expect(sessions.list()).toHaveLength(1);
  });

  it('ends a lab by its run, and knows when all of it has been removed', async () => {
    const { sessions, provisioner, startReady } = setUp();
    await startReady();
    const removal = Promise.withResolvers<void>();
    provisioner.cluster.removed = removal.promise;
    const run = sessions.get('ada', LAB)?.run ?? '';
    let ended: boolean | null = null;
    const ending = sessions.endRun(run).then((did) => (ended = did));
    await settled();
    expect([sessions.get('ada', LAB)?.status, ended]).toEqual(['ended', null]);
    removal.resolve();
    expect(await ending).toBe(true);
    expect(await sessions.endRun(run)).toBe(false);
    expect(await sessions.endRun('nobody')).toBe(false);
  });
});

describe('a lab that is looked at without being asked', () => {
  it('passes its step when something has happened, and its next step is looked at then', async () => {
    const { sessions, checks, startReady, changed } = setUp();
    const looked: string[] = [];
    checks.onLook = async ({ id, checks: asked }) => {
      looked.push(id);
      return asked.map(() => (id === 'first' ? passed : null));
    };
    await startReady();
    checks.change();
    await changed.until(() => sessions.get('ada', LAB)?.steps[0]?.state === 'passed');
    sessions.next('ada', LAB);
    await expect.poll(() => looked, { timeout: 5_000 }).toContain('second');
    sessions.end('ada', LAB);
  });

  it('is looked at when a shell has printed something', async () => {
    const { sessions, checks, provisioner, startReady } = setUp();
    let looks = 0;
    checks.onLook = async ({ checks: asked }) => {
      looks += 1;
      return asked.map(() => null);
    };
    await startReady();
    await expect.poll(() => looks, { timeout: 5_000 }).toBe(1);
    provisioner.cluster.host('host02').pty.print('done');
    await expect.poll(() => looks, { timeout: 5_000 }).toBe(2);
    sessions.end('ada', LAB);
  });

  it('is left alone while the learner’s own check is made, and what was found before it is nobody’s', async () => {
    const { sessions, checks, startReady } = setUp();
    const looks: { signal: AbortSignal; answer: () => void }[] = [];
    checks.onLook = ({ checks: asked }, signal) =>
      new Promise((resolve) => {
        looks.push({ signal, answer: () => resolve(asked.map(() => passed)) });
      });
    await startReady();
    await expect.poll(() => looks.length, { timeout: 5_000 }).toBe(1);
    const check = sessions.check('ada', LAB, 'first');
    expect(looks[0]?.signal.aborted).toBe(true);
    looks[0]?.answer();
    await settled();
    expect(sessions.get('ada', LAB)?.steps[0]).toMatchObject({ state: 'open', checking: true });
    checks.last.answer([notYet('no'), notYet('no')]);
    await check;
    expect(sessions.get('ada', LAB)?.steps[0]?.verdicts).toEqual([notYet('no'), notYet('no')]);
    sessions.end('ada', LAB);
  });
});

describe('a terminal that the learner opens', () => {
  const opened = async () => {
    const lab = setUp();
    await lab.startReady();
    return { ...lab, list: () => lab.sessions.get('ada', LAB) };
  };
  const terminalsOf = (view: SessionView | null) =>
    view !== null && 'terminals' in view ? view.terminals.map(({ id }) => id) : null;

  it('is listed behind the first of its host, before its id is told', async () => {
    const { sessions, views, provisioner } = await opened();
    expect(await sessions.openTerminal('ada', LAB, 'host01')).toBe('host01-2');
    expect(terminalsOf(views.at(-1) ?? null)).toEqual(['host01', 'host01-2', 'host02']);
    sessions.terminal('ada', LAB, 'host01-2')?.input(Buffer.from('x'));
    expect(provisioner.cluster.host('host01').ptys.map(({ typed }) => typed)).toEqual(['', 'x']);
  });

  it('is not what a command is typed into', async () => {
    const { sessions, provisioner } = await opened();
    await sessions.openTerminal('ada', LAB, 'host01');
    const [block] = sessions.content('ada', LAB, 'first').blocks;
    if (block === undefined) throw new Error('the step has no command');
    expect(await sessions.typeBlock('ada', LAB, 'first', block.id)).toBe('host01');
    expect(provisioner.cluster.host('host01').ptys[1]?.typed).toBe('');
  });

  it('is one of four that a host has at most, also when they are asked for at once', async () => {
    const { sessions, list } = await opened();
    const asked = await Promise.allSettled(
      Array.from({ length: 5 }, () => sessions.openTerminal('ada', LAB, 'host02')),
    );
    const refused = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(refused).toEqual([
      expect.objectContaining({ code: 'terminals_exhausted' }),
      expect.objectContaining({ code: 'terminals_exhausted' }),
    ]);
    expect(terminalsOf(list())).toEqual(['host01', 'host02', 'host02-2', 'host02-3', 'host02-4']);
    await sessions.closeTerminal('ada', LAB, 'host02-3');
    expect(await sessions.openTerminal('ada', LAB, 'host02')).toBe('host02-3');
  });

  it('is closed with its shell, which no first one of a host is', async () => {
    const { sessions, provisioner, list } = await opened();
    await sessions.openTerminal('ada', LAB, 'host01');
    await sessions.closeTerminal('ada', LAB, 'host01-2');
    await sessions.closeTerminal('ada', LAB, 'host01');
    await sessions.closeTerminal('ada', LAB, 'host02-4');
    expect(terminalsOf(list())).toEqual(['host01', 'host02']);
    expect(provisioner.cluster.host('host01').ptys.map(({ disposed }) => disposed)).toEqual([false, true]);
  });

  it('ends with the lab', async () => {
    const { sessions, provisioner } = await opened();
    await sessions.openTerminal('ada', LAB, 'host01');
    sessions.end('ada', LAB);
    await expect.poll(() => provisioner.cluster.disposals, { interval: 1 }).toBe(1);
    expect(provisioner.cluster.host('host01').ptys.every(({ disposed }) => disposed)).toBe(true);
  });

  it('is refused in words by a host that gives no shell, and by one that there is not', async () => {
    const { sessions, provisioner, list, lines } = await opened();
    const before = list();
    provisioner.cluster.host('host01').ptyError = new Error('no pty left');
    await expect(sessions.openTerminal('ada', LAB, 'host01')).rejects.toMatchObject({
      code: 'session_not_ready',
      message: expect.stringContaining('host01 gave no other shell'),
    });
    expect(lines.text).toContain('no pty left');
    await expect(sessions.openTerminal('ada', LAB, 'host05')).rejects.toMatchObject({ code: 'bad_request' });
    expect(list()).toEqual({ ...before, now: expect.any(Number) });
  });
});
