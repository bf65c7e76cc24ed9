import { describe, expect, it } from 'vitest';
import { page, step, twoStepScenario } from '../../support/scenarios.ts';
import { code, LAB, rejection, setUp } from './adas-lab.ts';

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
