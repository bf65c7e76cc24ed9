import { describe, expect, it } from 'vitest';
import type { LabPage } from '../../../../web/src/state/lab-view.ts';
import { checkRows, isBehind, nextGate, stations } from '../../../../web/src/state/lab-view.ts';
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

describe('the answer to a request', () => {
  const again = ready({ run: 'another-run' });

  it('is old where the session has come further meanwhile', () => {
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
