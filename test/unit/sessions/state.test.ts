import { describe, expect, it } from 'vitest';
import { SessionView } from '../../../server/protocol/index.ts';
import {
  initialState,
  resetState,
  restoredState,
  transition as transitionAt,
  type SessionEvent,
  type SessionState,
} from '../../../server/sessions/state.ts';
import { step, twoStepScenario } from '../../support/scenarios.ts';
import { notYet, passed } from '../../support/scripted-checks.ts';

const RUN = '6f1c1b5e-33a5-4f0e-9d5a-0c2f6d1f5b11';
const terminals = [{ id: 'host01', host: 'host01' }];
const provisioned: SessionEvent = { type: 'provisioned', terminals, limit: null };
const transition = (state: SessionState, event: SessionEvent, at = 0) => transitionAt(state, event, at);
const checked = (id: string, ...outcomes: ('pass' | 'fail')[]): SessionEvent => ({
  type: 'checked',
  step: id,
  verdicts: outcomes.map((outcome) => (outcome === 'pass' ? passed : notYet('not yet'))),
});
const lost: SessionEvent = { type: 'hosts-lost', reason: { en: 'host02 has stopped' } };
const EVENTS: SessionEvent[] = [
  { type: 'host-progressed', host: 'host01', state: 'ready' },
  provisioned,
  { type: 'provision-failed', reason: { en: 'no room' } },
  lost,
  { type: 'terminals-changed', terminals: [] },
  { type: 'check-started', step: 'first' },
  checked('first', 'pass', 'pass'),
  { type: 'advanced' },
  { type: 'ended', why: 'asked' },
];

const OTHER_RUN = '7f1c1b5e-33a5-4f0e-9d5a-0c2f6d1f5b11';
const ALL_EVENTS: SessionEvent[] = [
  ...EVENTS,
  { type: 'no-room', place: 2 },
  { type: 'moved-up', place: 1 },
  { type: 'admitted', hosts: ['host01'] },
  { type: 'provisioned', terminals, limit: { length: 100, extensions: 1, extension: 10 } },
  checked('first', 'pass', 'fail'),
  checked('second', 'pass'),
  { type: 'looked', step: 'first', verdicts: [passed, passed] },
  { type: 'read', step: 'second' },
  { type: 'extended' },
  { type: 'frozen' },
  { type: 'thawed' },
];

const after = (...events: SessionEvent[]): SessionState =>
  events.reduce<SessionState>((state, event) => transition(state, event), initialState(twoStepScenario, RUN));
const stepStates = (state: SessionState) => state.steps.map((entry) => entry.state);

const READY = after(provisioned);
const FINISHED = after(
  provisioned,
  checked('first', 'pass', 'pass'),
  { type: 'advanced' },
  checked('second', 'pass'),
  { type: 'advanced' },
);
const FAILED = after({ type: 'provision-failed', reason: { en: 'no room' } });
const ENDED = after({ type: 'ended', why: 'asked' });

describe('a session', () => {
  it('starts by awaiting its hosts, with its first step open and the others locked', () => {
    const state = after();
    expect(state).toMatchObject({
      status: 'provisioning',
      current: 'first',
      hosts: [
        { host: 'host01', state: 'waiting' },
        { host: 'host02', state: 'waiting' },
      ],
    });
    expect(stepStates(state)).toEqual(['open', 'locked']);
    expect(state.steps[0]?.verdicts).toEqual([null, null]);
  });

  it('passes a step only when each of its checks has passed in one run', () => {
    const half = transition(READY, checked('first', 'pass', 'fail'));
    expect(stepStates(half)).toEqual(['open', 'locked']);
    expect(stepStates(transition(half, checked('first', 'fail', 'pass')))).toEqual(['open', 'locked']);
    expect(stepStates(transition(half, checked('first', 'pass', 'pass')))).toEqual(['passed', 'locked']);
  });

  it('passes no step by fewer verdicts than it has checks', () => {
    expect(stepStates(transition(READY, checked('first', 'pass')))).toEqual(['open', 'locked']);
    expect(stepStates(transition(READY, checked('first')))).toEqual(['open', 'locked']);
  });

  it('keeps a passed step passed, with the verdicts that it passed by', () => {
    const state = transition(READY, checked('first', 'pass', 'pass'));
    const later = transition(state, checked('first', 'fail', 'fail'));
    expect(later.steps[0]).toEqual(state.steps[0]);
  });

  it('opens no step before the one before it has passed', () => {
    expect(transition(READY, { type: 'advanced' })).toBe(READY);
    const state = transition(transition(READY, checked('first', 'pass', 'pass')), { type: 'advanced' });
    expect([stepStates(state), state.current]).toEqual([['passed', 'open'], 'second']);
    expect(transition(state, { type: 'advanced' })).toBe(state);
  });

  it('passes a locked step by no verdict', () => {
    expect(stepStates(transition(READY, checked('second', 'pass')))).toEqual(['open', 'locked']);
  });

  it('finishes after its last step and keeps its terminals', () => {
    expect(FINISHED).toMatchObject({ status: 'finished', current: 'second', terminals });
  });

  it('fails with the hosts that it has lost', () => {
    expect(transition(READY, lost)).toMatchObject({
      status: 'failed',
      reason: { en: 'host02 has stopped' },
      current: 'first',
    });
  });

  it('lets a step that asks for nothing be left at once', () => {
    const scenario = { ...twoStepScenario, steps: [step('read', 0), step('do', 1)] };
    const state = transition(transition(initialState(scenario, RUN), provisioned), { type: 'advanced' });
    expect([stepStates(state), state.current]).toEqual([['passed', 'open'], 'do']);
  });

  it('shows a check under way and not after the session has ended', () => {
    const checking = transition(READY, { type: 'check-started', step: 'first' });
    expect(checking.steps[0]?.checking).toBe(true);
    expect(transition(checking, { type: 'ended', why: 'asked' }).steps[0]?.checking).toBe(false);
    expect(transition(checking, checked('first', 'fail', 'fail')).steps[0]?.checking).toBe(false);
  });

  it('stays the same run from first to last', () => {
    for (const state of [after(), READY, FINISHED, FAILED, ENDED]) expect(state.run).toBe(RUN);
  });

  it('moves its hosts only forward', () => {
    const ready = after({ type: 'host-progressed', host: 'host02', state: 'ready' });
    expect(transition(ready, { type: 'host-progressed', host: 'host02', state: 'starting' })).toBe(ready);
  });

  it.each([
    ['provisioning', after(), ['provisioning', 'ready', 'failed', 'ended']],
    ['ready', READY, ['ready', 'failed', 'ended']],
    ['finished', FINISHED, ['finished', 'failed', 'ended']],
    ['failed', FAILED, ['failed', 'ended']],
    ['ended', ENDED, ['ended']],
  ])('that is %s goes nowhere but forward, whatever happens', (_name, state, allowed) => {
    for (const event of EVENTS) expect(allowed).toContain(transition(state, event).status);
  });

  it('is changed by nothing that comes after its end', () => {
    for (const event of EVENTS) expect(transition(ENDED, event)).toBe(ENDED);
  });

  it('is at every point what the protocol says a page receives', () => {
    for (const state of [after(), READY, FINISHED, FAILED, ENDED]) {
      for (const event of EVENTS)
        expect(SessionView.safeParse({ ...transition(state, event), now: 0 }).error).toBeUndefined();
    }
  });
});

describe('the time of a session', () => {
  const limit = { length: 1000, extensions: 1, extension: 500 };
  const begin = (at: number) => transitionAt(after(), { type: 'provisioned', terminals, limit }, at);

  it('begins when its hosts are ready, and so does that of its first step', () => {
    expect(after()).toMatchObject({ time: null, steps: [{ openedAt: null }, { openedAt: null }] });
    expect(begin(70)).toMatchObject({
      time: { endsAt: 1070, extensionsLeft: 1, extension: 500, warning: 250 },
      steps: [{ openedAt: 70, passedAt: null }, { openedAt: null }],
    });
  });

  it('is that from the opening of each step to its passing, whatever is found later', () => {
    const one = transitionAt(begin(10), checked('first', 'pass', 'pass'), 30);
    const later = transitionAt(one, checked('first', 'pass', 'pass'), 99);
    const two = transitionAt(later, { type: 'advanced' }, 40);
    const looked: SessionEvent = { type: 'looked', step: 'second', verdicts: [passed] };
    expect(transitionAt(two, looked, 45).steps).toMatchObject([
      { openedAt: 10, passedAt: 30 },
      { openedAt: 40, passedAt: 45 },
    ]);
  });

  it('can be extended as often as it says, and not before it runs', () => {
    const once = transition(begin(0), { type: 'extended' });
    expect(once.time).toMatchObject({ endsAt: 1500, extensionsLeft: 0 });
    expect(transition(once, { type: 'extended' })).toBe(once);
    expect(transition(READY, { type: 'extended' })).toBe(READY);
    const waiting = after();
    expect(transition(waiting, { type: 'extended' })).toBe(waiting);
  });

  it('goes on where fresh hosts are made, with the steps that had passed or without', () => {
    const passedOne = transitionAt(begin(10), checked('first', 'pass', 'pass'), 30);
    const failing = transition(transition(passedOne, { type: 'advanced' }), checked('second', 'fail'));
    const kept = resetState(twoStepScenario, OTHER_RUN, failing, true, 40);
    expect(kept).toMatchObject({
      status: 'provisioning',
      run: OTHER_RUN,
      current: 'second',
      steps: [
        { state: 'passed', openedAt: 10, passedAt: 30 },
        { state: 'open', verdicts: [null] },
      ],
    });
    expect(transitionAt(kept, { type: 'provisioned', terminals, limit }, 500).time?.endsAt).toBe(1470);
    const anew = resetState(twoStepScenario, OTHER_RUN, failing, false, 40);
    expect([stepStates(anew), anew.current, anew.time?.endsAt]).toEqual([['open', 'locked'], 'first', 1010]);
  });
});

describe('the time of a session without hosts', () => {
  const limit = { length: 1000, extensions: 1, extension: 500 };
  const provide: SessionEvent = { type: 'provisioned', terminals, limit };
  const running = transitionAt(after(), provide, 0);
  const reset = (before: SessionState, at: number) =>
    resetState(twoStepScenario, OTHER_RUN, before, true, at);

  it('stands still from when they went until there are others, through failure, reset and queue', () => {
    const failed = transitionAt(running, lost, 400);
    expect(failed.time).toMatchObject({ endsAt: 1000, heldAt: 400 });
    const queued = transitionAt(reset(failed, 5000), { type: 'no-room', place: 1 }, 5100);
    const admitted = transitionAt(queued, { type: 'admitted', hosts: twoStepScenario.hosts }, 8000);
    expect(transitionAt(admitted, provide, 9400).time).toEqual({ ...running.time, endsAt: 10_000 });
  });

  it('is as much as it was however often they are asked for anew', () => {
    let state = running;
    for (let at = 0; at < 900; at += 100) {
      state = transitionAt(
        reset(state, state.time === null ? 0 : state.time.endsAt - 900 + at),
        provide,
        9000 + at,
      );
      expect((state.time?.endsAt ?? 0) - 9000 - at).toBe(900 - at);
    }
  });

  it('stands still while they are looked for after a start of the server, and not before', () => {
    const found = restoredState(twoStepScenario, running, 600);
    expect(transitionAt(found, { type: 'adopted', state: running }, 850)).toEqual({
      ...running,
      time: { ...running.time, endsAt: 1250 },
    });
  });
});

describe('a session that waits for a place', () => {
  const QUEUED = after({ type: 'no-room', place: 3 });

  it('moves up, is admitted, and then has its hosts made as any other', () => {
    expect(QUEUED).toMatchObject({ status: 'queued', place: 3 });
    expect(transition(QUEUED, { type: 'moved-up', place: 1 })).toMatchObject({ place: 1 });
    const admitted = transition(QUEUED, { type: 'admitted', hosts: twoStepScenario.hosts });
    expect(admitted).toEqual(after());
  });

  it('has no hosts that could come or be lost', () => {
    for (const event of [provisioned, lost, checked('first', 'pass', 'pass')]) {
      expect(transition(QUEUED, event)).toBe(QUEUED);
    }
  });
});

describe('a session of a scenario with free gating', () => {
  const free = { ...twoStepScenario, gating: 'free' } as const;
  const FREE = transition(initialState(free, RUN), provisioned);

  it('has all steps open, each with a time from when it is first read', () => {
    expect(stepStates(FREE)).toEqual(['open', 'open']);
    expect(FREE.steps).toMatchObject([{ openedAt: 0 }, { openedAt: null }]);
    const read = transitionAt(FREE, { type: 'read', step: 'second' }, 5);
    expect(read.steps[1]?.openedAt).toBe(5);
    expect(transitionAt(read, { type: 'read', step: 'second' }, 9)).toBe(read);
  });

  it('is finished once every step has passed, in whichever order', () => {
    const second = transition(FREE, checked('second', 'pass'));
    expect(transition(second, { type: 'advanced' })).toBe(second);
    const both = transition(second, checked('first', 'pass', 'pass'));
    expect(transition(both, { type: 'advanced' }).status).toBe('finished');
  });
});

it('no way leads a session back, to a step that is less than it was, or out of its end', () => {
  const rank = { queued: 0, provisioning: 0, ready: 1, finished: 2, failed: 3, ended: 4 } as const;
  const steps = { locked: 0, open: 1, passed: 2 } as const;
  const seen = new Map<string, SessionState>([['start', after()]]);
  for (const state of seen.values()) {
    for (const [at, event] of ALL_EVENTS.entries()) {
      const next = transitionAt(state, event, at);
      expect(rank[next.status]).toBeGreaterThanOrEqual(rank[state.status]);
      for (const [index, entry] of next.steps.entries()) {
        expect(steps[entry.state]).toBeGreaterThanOrEqual(steps[state.steps[index]?.state ?? 'locked']);
      }
      expect(state.status === 'ended' && next !== state).toBe(false);
      // Moments make no other states of it.
      seen.set(JSON.stringify(next).replaceAll(/"(openedAt|passedAt|endsAt|heldAt)":\d+/g, ''), next);
    }
  }
  expect(seen.size).toBeGreaterThan(50);
});

describe('what is found without being asked', () => {
  const looked = (...outcomes: ('pass' | 'fail' | null)[]): SessionEvent => ({
    type: 'looked',
    step: 'first',
    verdicts: outcomes.map((outcome) =>
      outcome === null ? null : outcome === 'pass' ? passed : notYet('still not'),
    ),
  });
  const outcomes = (state: SessionState) =>
    state.steps[0]?.verdicts.map((verdict) => verdict?.outcome ?? null);

  it('is told at once where it holds, and lets the step pass', () => {
    expect(outcomes(after(provisioned, looked('pass', 'fail')))).toEqual(['pass', null]);
    const all = after(provisioned, looked('pass', 'pass'));
    expect(stepStates(all)).toEqual(['passed', 'locked']);
  });

  it('tells nobody that something is missing who has not asked', () => {
    expect(transition(READY, looked('fail', 'fail'))).toBe(READY);
  });

  it('keeps true what was told before', () => {
    const told = after(provisioned, checked('first', 'fail', 'pass'), looked('fail', 'fail'));
    expect(outcomes(told)).toEqual(['fail', 'fail']);
    expect(told.steps[0]?.verdicts[0]).toEqual(notYet('still not'));
  });

  it('leaves what was not looked at as it was', () => {
    expect(outcomes(after(provisioned, checked('first', 'pass', 'fail'), looked('fail', null)))).toEqual([
      'fail',
      'fail',
    ]);
  });

  it('does not let a step pass by verdicts of different times', () => {
    const told = after(provisioned, looked('pass', 'fail'), looked(null, 'pass'));
    expect(stepStates(told)).toEqual(['open', 'locked']);
  });

  it('changes nothing while the learner’s own check is under way, nor in a step that has passed', () => {
    const checking = after(provisioned, { type: 'check-started', step: 'first' });
    expect(transition(checking, looked('pass', 'pass'))).toBe(checking);
    const done = after(provisioned, checked('first', 'pass', 'pass'));
    expect(transition(done, looked('fail', 'fail'))).toBe(done);
  });
});

it('a check that was not made keeps the step open', () => {
  const state = after(provisioned, { type: 'checked', step: 'first', verdicts: [passed, null] });
  expect(stepStates(state)).toEqual(['open', 'locked']);
  expect(state.steps[0]).toMatchObject({ checking: false, verdicts: [passed, null] });
});
