import { describe, expect, it } from 'vitest';
import { notYet, passed } from '../../support/scripted-checks.ts';
import { LAB, setUp } from './adas-lab.ts';

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
