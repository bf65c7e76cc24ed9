import { describe, expect, it } from 'vitest';
import { settled } from '../../support/settled.ts';
import { LAB, setUp } from './adas-lab.ts';

describe('a subscriber', () => {
  it('hears of sessions started later and of its own owner’s only, until it has heard enough', async () => {
    const { sessions, reaches } = setUp();
    const heard: string[] = [];
    const unsubscribe = sessions.subscribe('ada', LAB, ({ status }) => heard.push(status));
    sessions.start('bob', LAB);
    expect(heard).toEqual([]);
    sessions.start('ada', LAB);
    await reaches('ready');
    expect(heard.at(-1)).toBe('ready');
    unsubscribe();
    sessions.end('ada', LAB);
    expect(heard.at(-1)).toBe('ready');
  });
});

describe('an operator', () => {
  it('sees the labs of all owners that run, and of none whose it is', async () => {
    const { sessions, startReady } = setUp();
    expect(sessions.list()).toEqual([]);
    await startReady();
    sessions.start('bob', LAB);
    const seen = sessions.list();
    expect(seen).toMatchObject([
      {
        id: sessions.get('ada', LAB)?.run,
        scenario: LAB,
        status: 'ready',
        step: 'first',
        since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        hosts: ['host01', 'host02'],
        // The test itself listens to ada's.
        viewers: 1,
      },
      { id: sessions.get('bob', LAB)?.run, viewers: 0 },
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/ada|bob/);
    sessions.end('ada', LAB);
    expect(sessions.list()).toHaveLength(1);
  });

  it('ends a lab by its run, and knows when all of it has been removed', async () => {
    const { sessions, provisioner, startReady } = setUp();
    await startReady();
    const removal = Promise.withResolvers<void>();
    provisioner.cluster.removed = removal.promise;
    const run = sessions.get('ada', LAB)?.run ?? '';
    let ended: boolean | null = null;
    const ending = sessions.endRun(run).then((did) => (ended = did));
    await settled();
    expect([sessions.get('ada', LAB)?.status, ended]).toEqual(['ended', null]);
    removal.resolve();
    expect(await ending).toBe(true);
    expect(await sessions.endRun(run)).toBe(false);
    expect(await sessions.endRun('nobody')).toBe(false);
  });
});
