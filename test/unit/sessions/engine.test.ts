import { describe, expect, it } from 'vitest';
import { settled } from '../../support/settled.ts';
import { testSessions } from '../../support/test-sessions.ts';
import { code, LAB, setUp } from './adas-lab.ts';

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
    const here = setUp({ preparing: true });
    const { provisioner } = here;
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
  const told: number[] = [];
  const { sessions } = testSessions({ onOpenChange: (open) => told.push(open) });
  sessions.start('ada', LAB);
  await settled();
  sessions.start('bob', LAB);
  await settled();
  sessions.end('ada', LAB);
  expect([told, sessions.places]).toEqual([[1, 2, 1], 2]);
  await settled();
  expect(sessions.places).toBe(1);
});
