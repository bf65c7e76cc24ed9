import { describe, expect, it } from 'vitest';
import { twoStepScenario } from '../../support/scenarios.ts';
import { passed } from '../../support/scripted-checks.ts';
import { settled } from '../../support/settled.ts';
import { testSessions } from '../../support/test-sessions.ts';

const LAB = twoStepScenario.slug;

function setUp() {
  const { sessions, provisioner, checks, store } = testSessions();
  const start = async () => {
    sessions.start('ada', LAB);
    await expect.poll(() => sessions.get('ada', LAB)?.status, { interval: 1 }).toBe('ready');
  };
  const pass = async (id: string) => {
    const view = sessions.check('ada', LAB, id);
    checks.last.answer(Array.from({ length: checks.last.count }, () => passed));
    await view;
    sessions.next('ada', LAB);
  };
  return { sessions, provisioner, store, start, pass };
}

describe('a lab that is over', () => {
  it('takes no memory once all of it is removed and nobody listens, and can be read as before', async () => {
    const { sessions, provisioner, start, pass } = setUp();
    const stop = sessions.subscribe('ada', LAB, () => undefined);
    await start();
    for (const { id } of twoStepScenario.steps) await pass(id);
    const removal = Promise.withResolvers<void>();
    provisioner.cluster.removed = removal.promise;
    const ended = sessions.end('ada', LAB);
    stop();
    await settled();
    expect([sessions.held, sessions.places]).toEqual([1, 1]);
    removal.resolve();
    await settled();
    expect([sessions.held, sessions.places]).toEqual([0, 0]);

    expect(sessions.get('ada', LAB)).toEqual({ ...ended, now: expect.any(Number) });
    expect(sessions.finishContent('ada', LAB).html.en).toContain('well done');
    await expect(sessions.typeBlock('ada', LAB, 'first', 'b1')).rejects.toMatchObject({
      code: 'session_not_ready',
    });
    expect(() => sessions.extend('ada', LAB)).toThrow(expect.objectContaining({ code: 'session_not_ready' }));
    await settled();
    expect([sessions.held, provisioner.requests]).toEqual([0, 1]);
  });

  it('is kept for as long as somebody listens', async () => {
    const { sessions, start } = setUp();
    await start();
    const stop = sessions.subscribe('ada', LAB, () => undefined);
    sessions.end('ada', LAB);
    await settled();
    expect(sessions.held).toBe(1);
    stop();
    expect(sessions.held).toBe(0);
  });

  it('can be reset, or begun again, after it was forgotten', async () => {
    const { sessions, provisioner, start } = setUp();
    await start();
    provisioner.cluster.lose.resolve('host02');
    await expect.poll(() => sessions.held, { interval: 1 }).toBe(0);
    const { run } = sessions.get('ada', LAB) ?? {};
    sessions.reset('ada', LAB, true);
    await start();
    expect(sessions.get('ada', LAB)?.run).not.toBe(run);
    sessions.end('ada', LAB);
    await expect.poll(() => sessions.held, { interval: 1 }).toBe(0);
    await start();
    expect([sessions.held, provisioner.requests]).toEqual([1, 3]);
  });

  it('is forgotten also where it never had hosts', async () => {
    const { sessions, provisioner } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    provisioner.fail(new Error('no space left on device'));
    await settled();
    expect(sessions.held).toBe(0);
    expect(sessions.get('ada', LAB)).toMatchObject({ status: 'failed' });
  });

  it('stays in memory where the store could not take it', async () => {
    const { sessions, store, start } = setUp();
    await start();
    store.save = () => {
      throw new Error('database or disk is full');
    };
    sessions.end('ada', LAB);
    await settled();
    expect([sessions.held, sessions.get('ada', LAB)?.status]).toEqual([1, 'ended']);
  });
});
