import { describe, expect, it } from 'vitest';
import { notYet, passed } from '../../support/scripted-checks.ts';
import { settled } from '../../support/settled.ts';
import { code, LAB, rejection, setUp } from './adas-lab.ts';

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
