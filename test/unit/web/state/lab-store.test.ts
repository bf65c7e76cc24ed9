import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApi } from '../../../../web/src/state/api.ts';
import { EngineStore } from '../../../../web/src/state/engine-store.ts';
import { LabStore } from '../../../../web/src/state/lab-store.ts';
import { settled } from '../../../support/settled.ts';
import {
  ended,
  FakeServer,
  FakeSocket,
  finished,
  notYet,
  onSecond,
  passed,
  provisioning,
  ready,
  readyWith,
  RUN,
  scenario,
} from '../support.ts';

const LAB = '/api/scenarios/swarm';
const SESSION = `${LAB}/session`;
const content = (text: string) => ({ html: { en: `<p>${text}</p>` }, blocks: [], provisional: false });

describe('LabStore', () => {
  let server: FakeServer;
  let socket: FakeSocket;
  let store: LabStore;
  let engine: EngineStore;

  beforeEach(() => {
    server = new FakeServer();
    socket = new FakeSocket();
    engine = new EngineStore(createApi(server.fetch));
    server.ok(`GET ${LAB}`, scenario);
    server.ok(`GET ${SESSION}`, ready());
    server.ok(`GET ${SESSION}/steps/first`, content('one'));
    server.ok(`GET ${SESSION}/steps/second`, content('two'));
    server.ok(`GET ${SESSION}/finish`, content('done'));
    store = new LabStore({
      slug: 'swarm',
      api: createApi(server.fetch),
      engine,
      connect: async () => socket,
    });
  });
  afterEach(() => store.dispose());

  const openOnline = async () => {
    await store.open();
    socket.connect();
    await settled();
  };
  const text = () => {
    const state = store.text.value;
    return state.status === 'ready' ? state.content.html.en : state.status;
  };

  it('warns of each end once, and takes the time that an extension gives', async () => {
    const time = { endsAt: 60_000, extensionsLeft: 1, extension: 30_000, warning: 20_000 };
    server.ok(`GET ${SESSION}`, ready({ time, now: 50_000 }));
    server.ok(`POST ${SESSION}/extend`, ready({ time: { ...time, endsAt: 90_000 }, now: 50_000 }));
    await openOnline();
    expect(store.time.left).toMatchObject({ isShort: true });
    expect(store.time.warned).toBe(false);
    store.time.dismissWarning();
    expect(store.time.warned).toBe(true);
    await store.extend();
    expect(store.time.warned).toBe(false);
    expect(store.time.left).toMatchObject({ isShort: false });
    expect(store.time.left?.left).toBeGreaterThan(30_000);
  });

  it('goes to the page that a lab which was reset goes on with', async () => {
    server.ok(`POST ${SESSION}/reset?progress=keep`, { ...onSecond(), run: 'another-run' });
    await openOnline();
    await store.reset(true);
    expect(store.shown.value).toEqual({ kind: 'step', id: 'second' });
    expect(store.terminals.list.value[0]?.run).toBe('another-run');
  });

  it('shows the introduction of a lab that is not started, and connects to nothing', async () => {
    server.refuse(`GET ${SESSION}`, 404, 'session_not_found');
    await store.open();
    expect(store.phase.value).toBe('intro');
    expect(text()).toBe('<p>welcome</p>');
    expect(store.connection.socket.value).toBeNull();
  });

  it('says that there is no such lab', async () => {
    server.refuse(`GET ${LAB}`, 404, 'scenario_not_found');
    server.refuse(`GET ${SESSION}`, 404, 'scenario_not_found');
    await store.open();
    expect(store.phase.value).toBe('not-found');
  });

  it('says why a lab could not be loaded, and loads it when asked again', async () => {
    server.answers.delete(`GET ${LAB}`);
    await store.open();
    expect(store.phase.value).toBe('unavailable');
    expect(store.loadProblem).toEqual({ error: 'unreachable' });
    server.ok(`GET ${LAB}`, scenario);
    const again = store.open();
    expect(store.phase.value).toBe('loading');
    await again;
    expect(store.phase.value).toBe('ready');
  });

  it("does not take a proxy's error page for Drydock's", async () => {
    server.answers.set(`GET ${LAB}`, { status: 502, body: '<h1>Bad gateway</h1>' });
    await store.open();
    expect(store.loadProblem).toEqual({ error: 'unexpected', status: 502 });
  });

  it('goes from Start over the hosts coming up to the first step', async () => {
    server.refuse(`GET ${SESSION}`, 404, 'session_not_found');
    server.ok(`POST ${SESSION}`, provisioning);
    await store.open();
    await store.start();
    expect(store.phase.value).toBe('provisioning');
    expect(store.terminals.canRun.value).toBe(false);
    socket.connect();
    socket.emit('session', ready());
    expect(store.phase.value).toBe('ready');
    expect(store.terminals.list.value.map(({ id }) => id)).toEqual(['host01', 'host02']);
    expect(store.shown.value).toEqual({ kind: 'step', id: 'first' });
    expect(store.terminals.canRun.value).toBe(true);
  });

  it('shows hosts that lay ready, and nothing of what came before them', async () => {
    server.refuse(`GET ${SESSION}`, 404, 'session_not_found');
    server.ok(`POST ${SESSION}`, provisioning);
    await store.open();
    const starting = store.start();
    // Pressed twice, it is the same.
    await store.start();
    await settled();
    expect(store.connection.socket.value).toBe(socket);
    socket.connect();
    socket.emit('session', provisioning);
    expect([store.phase.value, store.pending.value]).toEqual(['intro', { what: 'start' }]);
    socket.emit('session', ready());
    expect(store.phase.value).toBe('ready');
    await starting;
    expect([store.phase.value, store.pending.value]).toEqual(['ready', null]);
  });

  it('connects while Start is asked for, and to nothing where that is refused', async () => {
    server.refuse(`GET ${SESSION}`, 404, 'session_not_found');
    let refuse = (): void => undefined;
    const refused = new Promise<void>((resolve) => (refuse = resolve));
    server.answers.set(`POST ${SESSION}`, async () => {
      await refused;
      return { status: 503, body: { error: 'capacity_exhausted', message: { en: 'Full.' } } };
    });
    await store.open();
    const starting = store.start();
    await settled();
    expect(store.connection.socket.value).toBe(socket);
    refuse();
    await starting;
    expect(store.problem.value?.error).toBe('capacity_exhausted');
    expect(store.connection.socket.value).toBeNull();
    expect(socket.closed).toBe(true);
  });

  it('reads the text again once the hosts are up, for it may name their addresses', async () => {
    server.ok(`GET ${SESSION}`, provisioning);
    await openOnline();
    expect(text()).toBe('<p>one</p>');
    const release = server.hold(`GET ${SESSION}/steps/first`, content('one at 10.1.0.2'));
    socket.emit('session', ready());
    expect(text()).toBe('<p>one</p>');
    release();
    await settled();
    expect(text()).toBe('<p>one at 10.1.0.2</p>');
  });

  it('does not put a text that was asked for earlier and comes later in the place of the newer one', async () => {
    server.ok(`GET ${SESSION}`, provisioning);
    const release = server.hold(`GET ${SESSION}/steps/first`, content('one'));
    await openOnline();
    server.ok(`GET ${SESSION}/steps/first`, content('one at 10.1.0.2'));
    socket.emit('session', ready());
    await settled();
    release();
    await settled();
    expect(text()).toBe('<p>one at 10.1.0.2</p>');
  });

  it('keeps a text that it has where a newer one does not come', async () => {
    server.ok(`GET ${SESSION}`, provisioning);
    await openOnline();
    server.answers.delete(`GET ${SESSION}/steps/first`);
    socket.emit('session', ready());
    await settled();
    expect(text()).toBe('<p>one</p>');
  });

  it('reads a provisional text anew once the hosts are up', async () => {
    server.ok(`GET ${SESSION}`, provisioning);
    server.ok(`GET ${SESSION}/steps/first`, { ...content('one at ‹host01’s address›'), provisional: true });
    await openOnline();
    expect(store.text.value).toMatchObject({ content: { provisional: true } });
    server.ok(`GET ${SESSION}/steps/first`, content('one at 10.1.0.2'));
    socket.emit('session', ready());
    await settled();
    expect(text()).toBe('<p>one at 10.1.0.2</p>');
    expect(store.text.value).toMatchObject({ content: { provisional: false } });
  });

  it('passes on what its socket hears of the engine', async () => {
    await openOnline();
    socket.emit('engine', { status: 'ready', limits: [] });
    expect(engine.status.value).toEqual({ status: 'ready', limits: [] });
  });

  it('opens Next only when the checks have passed', async () => {
    await openOnline();
    expect(store.gate.value).toEqual({ open: false, why: 'not-passed' });
    server.ok(`POST ${SESSION}/steps/first/check`, readyWith({ verdicts: [passed, notYet] }));
    await store.check();
    expect(store.checks.value.map(({ state }) => state)).toEqual(['pass', 'fail']);
    expect(store.gate.value.open).toBe(false);
    server.ok(
      `POST ${SESSION}/steps/first/check`,
      readyWith({ state: 'passed', verdicts: [passed, passed] }),
    );
    await store.check();
    expect(store.gate.value.open).toBe(true);
    server.ok(`POST ${SESSION}/next`, onSecond());
    await store.next();
    await settled();
    expect(store.shown.value).toEqual({ kind: 'step', id: 'second' });
    expect(text()).toBe('<p>two</p>');
  });

  it('does not ask for what Next may not do', async () => {
    await openOnline();
    await store.next();
    expect(server.requests).not.toContain(`POST ${SESSION}/next`);
  });

  it('makes one request of a double click on Check', async () => {
    await openOnline();
    const release = server.hold(`POST ${SESSION}/steps/first/check`, ready());
    const both = [store.check(), store.check()];
    expect(store.canCheck.value).toBe(false);
    release();
    await Promise.all(both);
    expect(server.requests.filter((each) => each.startsWith('POST'))).toHaveLength(1);
    expect(store.canCheck.value).toBe(true);
  });

  it('shows a check under way on its own step alone, and lets the others be read meanwhile', async () => {
    server.ok(`GET ${SESSION}`, onSecond());
    await openOnline();
    const release = server.hold(`POST ${SESSION}/steps/second/check`, onSecond({ verdicts: [notYet] }));
    const check = store.check();
    expect(store.checking.value).toBe(true);
    store.show({ kind: 'step', id: 'first' });
    expect([store.checking.value, store.gate.value.open]).toEqual([false, true]);
    await store.next();
    expect(store.shown.value).toEqual({ kind: 'step', id: 'second' });
    expect(store.checking.value).toBe(true);
    release();
    await check;
    expect(store.checking.value).toBe(false);
  });

  it('goes on as soon as the socket says that the step has passed, before Check has its answer', async () => {
    await openOnline();
    const release = server.hold(`POST ${SESSION}/steps/first/check`, ready());
    const check = store.check();
    socket.emit('session', readyWith({ state: 'passed', verdicts: [passed, passed] }));
    server.ok(`POST ${SESSION}/next`, onSecond());
    await store.next();
    expect(store.shown.value).toEqual({ kind: 'step', id: 'second' });
    release();
    await check;
    expect(store.session.value?.current).toBe('second');
  });

  it('shows that checks are made when the server says so, whoever asked for them', async () => {
    await openOnline();
    socket.emit('session', readyWith({ checking: true }));
    expect(store.checks.value.map(({ state }) => state)).toEqual(['checking', 'checking']);
    expect(store.canCheck.value).toBe(false);
  });

  it('keeps what the socket has told since when an older answer comes late', async () => {
    await openOnline();
    const release = server.hold(
      `POST ${SESSION}/steps/first/check`,
      readyWith({ verdicts: [passed, notYet] }),
    );
    const check = store.check();
    socket.emit('session', readyWith({ state: 'passed', verdicts: [passed, passed] }));
    release();
    await check;
    expect(store.gate.value.open).toBe(true);
  });

  it('says what went wrong with a check, and forgets it at the next try', async () => {
    await openOnline();
    server.refuse(`POST ${SESSION}/steps/first/check`, 500, 'internal');
    await store.check();
    expect(store.problem.value).toMatchObject({ error: 'internal' });
    server.ok(`POST ${SESSION}/steps/first/check`, ready());
    await store.check();
    expect(store.problem.value).toBeNull();
  });

  it('forgets what went wrong once the lab stands elsewhere, for Start did not fail by it', async () => {
    await openOnline();
    server.refuse(`POST ${SESSION}/steps/first/check`, 500, 'internal');
    await store.check();
    socket.emit('session', ended);
    expect([store.phase.value, store.problem.value]).toEqual(['ended', null]);
  });

  it('lets passed steps be read again, and locked ones not', async () => {
    server.ok(`GET ${SESSION}`, onSecond());
    await openOnline();
    store.show({ kind: 'step', id: 'first' });
    await settled();
    expect(text()).toBe('<p>one</p>');
    store.show({ kind: 'finish' });
    expect(store.shown.value).toEqual({ kind: 'step', id: 'first' });
  });

  it('follows the session to its new step, but not a learner who reads an older one', async () => {
    await openOnline();
    socket.emit('session', onSecond());
    expect(store.shown.value).toEqual({ kind: 'step', id: 'second' });
    store.show({ kind: 'step', id: 'first' });
    socket.emit('session', onSecond({ verdicts: [notYet] }));
    expect(store.shown.value).toEqual({ kind: 'step', id: 'first' });
  });

  it('reaches the finish by Next after the last step', async () => {
    server.ok(`GET ${SESSION}`, onSecond({ state: 'passed', verdicts: [passed] }));
    await openOnline();
    server.ok(`POST ${SESSION}/next`, finished);
    await store.next();
    await settled();
    expect(store.phase.value).toBe('finished');
    expect(text()).toBe('<p>done</p>');
    expect(store.terminals.list.value).toHaveLength(2);
  });

  it('has a block of the step that is read run, and nothing of another page', async () => {
    await openOnline();
    expect(await store.run('b2')).toBe(true);
    expect(socket.runs).toEqual([{ run: RUN, step: 'first', block: 'b2' }]);
    store.show({ kind: 'intro' });
    expect(await store.run('b2')).toBe(false);
    expect(socket.runs).toHaveLength(1);
  });

  it('says why a block was not run, until one is', async () => {
    await openOnline();
    socket.answer = { error: 'session_not_ready', message: { en: 'Not yet.' } };
    expect(await store.run('b1')).toBe(false);
    expect(store.problem.value).toMatchObject({ error: 'session_not_ready' });
    socket.answer = { terminal: 'host01' };
    expect(await store.run('b1')).toBe(true);
    expect(store.problem.value).toBeNull();
  });

  it('says why the server refuses its connection', async () => {
    await openOnline();
    const refusal = { error: 'bad_request', message: { en: 'Who are you?' } } as const;
    socket.emit('refused', refusal);
    expect(store.connection.state.value).toBe('given-up');
    expect(store.problem.value).toEqual(refusal);
  });

  it('asks again for a text that did not come, once the connection is back', async () => {
    server.answers.delete(`GET ${SESSION}/steps/first`);
    await openOnline();
    expect(text()).toBe('problem');
    socket.drop();
    server.ok(`GET ${SESSION}/steps/first`, content('one'));
    socket.connect();
    await settled();
    expect(text()).toBe('<p>one</p>');
  });

  it('says that the session is lost when the server no longer knows it', async () => {
    await openOnline();
    socket.emit('session', null);
    expect(store.phase.value).toBe('lost');
    expect(text()).toBe('<p>one</p>');
    expect([store.canCheck.value, store.terminals.canRun.value]).toEqual([false, false]);
    expect(store.gate.value).toEqual({ open: false, why: 'not-running' });
    socket.emit('session', ready());
    expect(store.phase.value).toBe('ready');
  });

  it('is ended at once while a check is being made, whose answer then no longer counts', async () => {
    await openOnline();
    const problem = { error: 'internal', message: { en: 'The lab is gone.' } };
    const release = server.hold(`POST ${SESSION}/steps/first/check`, problem, 500);
    const checking = store.check();
    server.ok(`DELETE ${SESSION}`, ended);
    await store.end();
    expect(store.phase.value).toBe('ended');
    release();
    await checking;
    expect(store.phase.value).toBe('ended');
    expect(store.problem.value).toBeNull();
    expect(store.pending.value).toBeNull();
  });

  it('is extended at once while a check is being made, as its time may be over before', async () => {
    await openOnline();
    const release = server.hold(`POST ${SESSION}/steps/first/check`, ready());
    const checking = store.check();
    const longer = ready({ current: 'second' });
    server.ok(`POST ${SESSION}/extend`, longer);
    await store.extend();
    expect(store.session.value).toEqual(longer);
    release();
    await checking;
    expect(store.pending.value).toBeNull();
  });

  it('names the run that is shown with all that is asked of it, and none where the lab is lost', async () => {
    server.ok(`POST ${SESSION}/extend`, ready());
    server.ok(`POST ${SESSION}`, ready());
    await openOnline();
    await store.extend();
    expect(server.run).toBe(RUN);
    socket.emit('session', null);
    await store.start();
    expect(server.run).toBeUndefined();
  });

  describe('that turns out to be another run than the one shown', () => {
    const outdated = { error: 'run_outdated', message: { en: 'Nothing was done.' } } as const;
    let sockets: FakeSocket[];

    beforeEach(async () => {
      sockets = [];
      store.dispose();
      store = new LabStore({
        slug: 'swarm',
        api: createApi(server.fetch),
        engine,
        connect: async () => {
          const made = new FakeSocket();
          made.answer = outdated;
          made.opened = outdated;
          sockets.push(made);
          return made;
        },
      });
      await store.open();
      server.refuse(`DELETE ${SESSION}`, 409, 'run_outdated');
      server.ok(`GET ${SESSION}`, ready({ run: 'another-run' }));
    });

    it.each([
      ['End', () => store.end()],
      ['Run', () => store.run('b1')],
      ['another terminal', () => store.terminals.open('host01')],
    ])('is opened anew, by a socket of its own, and says so: %s', async (_what, ask) => {
      await ask();
      expect(store.session.value?.run).toBe('another-run');
      expect(store.problem.value).toMatchObject({ error: 'run_outdated' });
      expect(sockets.map(({ closed }) => closed)).toEqual([true, false]);
      expect([store.connection.socket.value, store.pending.value]).toEqual([sockets[1], null]);
    });

    it('is left as it is where the socket has told of the other run before the answer, and says so', async () => {
      const running = store.run('b1');
      sockets[0]?.emit('session', ready({ run: 'another-run' }));
      expect(await running).toBe(false);
      expect(store.terminals.list.value[0]?.run).toBe('another-run');
      expect(store.problem.value).toEqual(outdated);
      expect(sockets.map(({ closed }) => closed)).toEqual([false]);
    });

    it('shows the introduction where there is none any more', async () => {
      server.refuse(`GET ${SESSION}`, 404, 'session_not_found');
      await store.end();
      expect([store.phase.value, store.connection.socket.value]).toEqual(['intro', null]);
    });
  });

  describe('started again', () => {
    const again = ready({ run: 'another-run' });
    const runs = () => store.terminals.list.value.map(({ run }) => run);

    it('has other terminals than before, and begins at its first step', async () => {
      server.ok(`GET ${SESSION}`, finished);
      await openOnline();
      expect(store.shown.value).toEqual({ kind: 'finish' });
      expect(runs()).toEqual([RUN, RUN]);
      server.ok(`DELETE ${SESSION}`, ended);
      await store.end();
      expect(store.phase.value).toBe('ended');
      server.ok(`POST ${SESSION}`, again);
      await store.start();
      expect(runs()).toEqual(['another-run', 'another-run']);
      expect(store.shown.value).toEqual({ kind: 'step', id: 'first' });
    });

    it('is known for it by a page that was away meanwhile, though it stands where the one before stood', async () => {
      await openOnline();
      socket.drop();
      server.ok(`GET ${SESSION}/steps/first`, content('one at another address'));
      socket.connect();
      socket.emit('session', again);
      await settled();
      expect(runs()).toEqual(['another-run', 'another-run']);
      expect(text()).toBe('<p>one at another address</p>');
    });

    it('is not taken back by a late answer about the run before', async () => {
      await openOnline();
      const release = server.hold(`POST ${SESSION}/steps/first/check`, ended);
      const check = store.check();
      socket.emit('session', again);
      release();
      await check;
      expect([store.phase.value, runs()]).toEqual(['ready', ['another-run', 'another-run']]);
    });

    it('goes on over the one socket that it has, which may say before the answer that there is no session', async () => {
      server.ok(`GET ${SESSION}`, ended);
      let connections = 0;
      const connect = async () => {
        connections += 1;
        return socket;
      };
      store.dispose();
      store = new LabStore({ slug: 'swarm', api: createApi(server.fetch), engine, connect });
      await openOnline();
      const release = server.hold(`POST ${SESSION}`, again);
      const start = store.start();
      socket.emit('session', null);
      expect(store.phase.value).toBe('ended');
      release();
      await start;
      expect([store.phase.value, connections]).toEqual(['ready', 1]);
    });

    it('is not set back by the answer to Start where the socket was quicker', async () => {
      server.ok(`GET ${SESSION}`, ended);
      await openOnline();
      const release = server.hold(`POST ${SESSION}`, { ...provisioning, run: 'another-run' });
      const start = store.start();
      await settled();
      socket.emit('session', again);
      release();
      await start;
      expect(store.phase.value).toBe('ready');
    });

    it('is shown where the answer to Start was lost and the socket has told of it', async () => {
      server.ok(`GET ${SESSION}`, ended);
      await openOnline();
      const release = server.hold(`POST ${SESSION}`, null, 502);
      const start = store.start();
      await settled();
      socket.emit('session', { ...provisioning, run: 'another-run' });
      release();
      await start;
      expect([store.phase.value, store.session.value?.run]).toEqual(['provisioning', 'another-run']);
      expect(store.problem.value).not.toBeNull();
    });

    it('shows, where hosts are slow to come, what the socket has told last of them', async () => {
      server.ok(`GET ${SESSION}`, ended);
      await openOnline();
      const begun = { ...provisioning, run: 'another-run' };
      server.ok(`POST ${SESSION}`, begun);
      const start = store.start();
      await settled();
      const further = { ...begun, now: 1000 };
      socket.emit('session', further);
      expect(store.phase.value).toBe('ended');
      await start;
      expect(store.session.value).toEqual(further);
    });
  });

  it('goes on with the same terminals when the lab merely finishes', async () => {
    await openOnline();
    const before = store.terminals.list.value;
    socket.emit('session', finished);
    expect(store.terminals.list.value).toEqual(before);
  });

  it('closes its socket when the page is left, also one that opens only then', async () => {
    await openOnline();
    store.dispose();
    expect(socket.closed).toBe(true);

    const late = new FakeSocket();
    const gate = Promise.withResolvers<FakeSocket>();
    const left = new LabStore({
      slug: 'swarm',
      api: createApi(server.fetch),
      engine,
      connect: () => gate.promise,
    });
    const opening = left.open();
    await settled();
    left.dispose();
    gate.resolve(late);
    await opening;
    expect(late.closed).toBe(true);
  });
});
