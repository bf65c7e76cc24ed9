import { describe, expect, it } from 'vitest';
import { SessionView } from '../../../server/protocol/index.ts';
import {
  initialState,
  transition,
  type SessionEvent,
  type SessionState,
} from '../../../server/sessions/state.ts';
import { step, twoStepScenario } from '../../support/scenarios.ts';
import { notYet, passed } from '../../support/scripted-checks.ts';

const RUN = '6f1c1b5e-33a5-4f0e-9d5a-0c2f6d1f5b11';
const terminals = [{ id: 'host01', host: 'host01' }];
const provisioned: SessionEvent = { type: 'provisioned', terminals };
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
  { type: 'ended' },
];

const after = (...events: SessionEvent[]): SessionState =>
  events.reduce(transition, initialState(twoStepScenario, RUN));
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
const ENDED = after({ type: 'ended' });

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
    expect(transition(checking, { type: 'ended' }).steps[0]?.checking).toBe(false);
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
        expect(SessionView.safeParse(transition(state, event)).error).toBeUndefined();
    }
  });
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
