import { describe, expect, it } from 'vitest';
import { canRevive } from '../../../../server/protocol/revival.ts';
import type { LabPage } from '../../../../web/src/state/lab-view.ts';
import {
  checkRows,
  isBehind,
  nextGate,
  pageToRead,
  stations,
  timeLeft,
  timeTaken,
} from '../../../../web/src/state/lab-view.ts';
import {
  ended,
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

const first: LabPage = { kind: 'step', id: 'first' };
const second: LabPage = { kind: 'step', id: 'second' };

describe('the list of checks', () => {
  it('says of each check that it was not made yet', () => {
    expect(checkRows(scenario, ready(), 'first')).toEqual([
      { text: { en: 'a holds' }, state: 'not-made' },
      { text: { en: 'b holds' }, state: 'not-made' },
    ]);
  });

  it('shows a verdict with its reason and hint', () => {
    const [a, b] = checkRows(scenario, readyWith({ verdicts: [passed, notYet] }), 'first');
    expect(a?.state).toBe('pass');
    expect(b).toMatchObject({ state: 'fail', reason: { en: 'b is 1, not 2' }, hint: { en: 'Scale b.' } });
  });

  it('tells a check that could not be made from one that does not hold yet', () => {
    const broken = { outcome: 'error', reason: { en: 'no answer' } } as const;
    const [, b] = checkRows(scenario, readyWith({ verdicts: [passed, broken] }), 'first');
    expect(b).toMatchObject({ state: 'error', reason: { en: 'no answer' } });
  });

  it('keeps the last reason readable while the checks are made again', () => {
    const [, b] = checkRows(scenario, readyWith({ verdicts: [passed, notYet], checking: true }), 'first');
    expect(b).toMatchObject({ state: 'checking', reason: { en: 'b is 1, not 2' } });
  });

  it('shows every check of a passed step as done, whatever a later look has seen', () => {
    const rows = checkRows(scenario, readyWith({ state: 'passed', verdicts: [passed, notYet] }), 'first');
    expect(rows.map(({ state }) => state)).toEqual(['pass', 'pass']);
  });
});

describe('the way on', () => {
  it('is closed until the current step has passed', () => {
    expect(nextGate(scenario, ready(), first)).toEqual({ open: false, why: 'not-passed' });
    expect(nextGate(scenario, readyWith({ verdicts: [passed, notYet] }), first).open).toBe(false);
  });

  it('is closed while the checks are made', () => {
    expect(nextGate(scenario, readyWith({ checking: true }), first)).toEqual({
      open: false,
      why: 'checking',
    });
  });

  it('asks the server to open the step after the current one', () => {
    expect(nextGate(scenario, readyWith({ state: 'passed' }), first)).toEqual({
      open: true,
      to: 'ask-server',
    });
  });

  it('leads from a step that is read again to the following one without asking', () => {
    expect(nextGate(scenario, onSecond(), first)).toEqual({ open: true, to: second });
  });

  it('asks for the finish after the last step', () => {
    expect(nextGate(scenario, onSecond({ state: 'passed' }), second)).toEqual({
      open: true,
      to: 'ask-server',
    });
    expect(nextGate(scenario, finished, second)).toEqual({ open: true, to: { kind: 'finish' } });
  });

  it('is closed before the hosts are up and after the lab has ended', () => {
    expect(nextGate(scenario, provisioning, first)).toEqual({ open: false, why: 'not-started' });
    expect(nextGate(scenario, ended, first)).toEqual({ open: false, why: 'not-running' });
  });
});

describe('the way on where all steps are open', () => {
  const [one, two] = onSecond({ state: 'passed' }).steps;
  if (one === undefined || two === undefined) throw new Error('there are two steps');
  const free = (...steps: (typeof one)[]) => ready({ current: 'second', steps });

  it('leads from each step to the next, whether it has passed or not', () => {
    expect(nextGate(scenario, free({ ...one, state: 'open' }, two), first)).toEqual({
      open: true,
      to: second,
    });
  });

  it('leads to the finish only when none was left out', () => {
    const leftOut = free({ ...one, state: 'open' }, two);
    expect(nextGate(scenario, leftOut, second)).toEqual({ open: false, why: 'others-left' });
    expect(nextGate(scenario, free(one, two), second)).toEqual({ open: true, to: 'ask-server' });
  });

  it('begins with the first step that is not done', () => {
    expect(pageToRead(free({ ...one, state: 'open' }, { ...two, state: 'open' }))).toEqual(first);
    expect(pageToRead(free(one, { ...two, state: 'open' }))).toEqual(second);
  });
});

describe('the time of a lab', () => {
  const time = { endsAt: 100_000, extensionsLeft: 1, extension: 30_000, warning: 20_000 };

  it('goes by after the server has told it, and is short when the server says so', () => {
    const view = ready({ time, now: 40_000 });
    expect(timeLeft(view, 0)).toEqual({
      left: 60_000,
      isShort: false,
      extension: 30_000,
      extensionsLeft: 1,
    });
    expect(timeLeft(view, 45_000)).toMatchObject({ left: 15_000, isShort: true });
    expect(timeLeft(view, 99_000)?.left).toBe(0);
  });

  it('is told of no lab that nothing ends, or that does not run', () => {
    expect([timeLeft(ready(), 0), timeLeft(null, 0), timeLeft({ ...ended, time }, 0)]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('lets a lab that nobody used, or that lost its hosts, have fresh ones until it is over', () => {
    const steps = ready().steps.map((step) => ({ ...step, openedAt: 5 }));
    const failed = { ...ended, status: 'failed', reason: {}, steps, time } as const;
    expect(canRevive(failed)).toBe(true);
    expect(canRevive({ ...failed, now: 100_001 })).toBe(false);
    // Its time has stood still since.
    expect(canRevive({ ...failed, time: { ...time, heldAt: 99_000 }, now: 100_001 })).toBe(true);
    expect(canRevive({ ...failed, time: { ...time, heldAt: 100_000 }, now: 100_001 })).toBe(false);
    expect(canRevive({ ...ended, status: 'ended', steps, why: 'idle' })).toBe(true);
    expect(canRevive({ ...ended, status: 'ended', steps, why: 'expired' })).toBe(false);
    // Its hosts never came.
    expect(canRevive({ ...failed, steps: ready().steps })).toBe(false);
    expect([canRevive(ready()), canRevive(null)]).toEqual([false, false]);
  });

  it('is known of a step that was opened and has passed', () => {
    const [step] = ready().steps;
    if (step === undefined) throw new Error('there are steps');
    expect(timeTaken({ ...step, openedAt: 10, passedAt: 70 })).toBe(60);
    expect(timeTaken({ ...step, openedAt: 10 })).toBeNull();
  });
});

describe('the progress line', () => {
  it('locks what lies beyond the current step', () => {
    expect(stations(scenario, ready(), first).map(({ state }) => state)).toEqual([
      'passed',
      'open',
      'locked',
      'locked',
    ]);
  });

  it('opens the finish once every step has passed', () => {
    expect(stations(scenario, finished, second).map(({ state }) => state)).toEqual([
      'passed',
      'passed',
      'passed',
      'open',
    ]);
  });
});

it('the finish of a lab that is over can be read where every step has passed', () => {
  const over = { ...ended, steps: finished.steps, current: 'second' };
  expect(stations(scenario, over, second).at(-1)?.state).toBe('open');
  expect(nextGate(scenario, over, second)).toEqual({ open: true, to: { kind: 'finish' } });
  expect(stations(scenario, ended, first).at(-1)?.state).toBe('locked');
});

describe('the answer to a request', () => {
  const again = ready({ run: 'another-run' });

  it('is old where the session was told of later', () => {
    expect(isBehind({ ...readyWith({ checking: true }), now: 7 }, { ...ready(), now: 8 }, RUN)).toBe(true);
    expect(isBehind({ ...ready(), now: 8 }, { ...readyWith({ checking: true }), now: 7 }, RUN)).toBe(false);
    // Who has no place after all waits again.
    const waiting = { ...provisioning, status: 'queued', place: 1, awayAfter: null, now: 8 } as const;
    expect(isBehind(waiting, ready(), RUN)).toBe(false);
  });

  it('is old where the session has come further in the same millisecond', () => {
    expect(isBehind(ready(), readyWith({ state: 'passed' }), RUN)).toBe(true);
    expect(isBehind(readyWith({ state: 'passed' }), onSecond(), RUN)).toBe(true);
    expect(isBehind(provisioning, ready(), RUN)).toBe(true);
    expect(isBehind(onSecond(), ready(), RUN)).toBe(false);
    expect(isBehind(ready(), ready(), RUN)).toBe(false);
    expect(isBehind(ready(), null, undefined)).toBe(false);
  });

  it('is news where it is of another run than the page had, however little that has done', () => {
    expect(isBehind({ ...provisioning, run: 'another-run' }, finished, RUN)).toBe(false);
  });

  it('is old where it is of the run that the page had when it asked, and has no more', () => {
    expect(isBehind(ended, again, RUN)).toBe(true);
    expect(isBehind(finished, again, RUN)).toBe(true);
  });
});
