import { describe, expect, it } from 'vitest';
import { code, LAB, setUp } from './adas-lab.ts';

describe('starting', () => {
  it('gives one lab to a double click', async () => {
    const { sessions, provisioner, reaches } = setUp();
    sessions.start('ada', LAB);
    sessions.start('ada', LAB);
    await reaches('ready');
    expect(sessions.start('ada', LAB).status).toBe('ready');
    expect(provisioner.requests).toBe(1);
  });

  it('is another run each time, and the same one for as long as it lasts', async () => {
    const { sessions, startReady } = setUp();
    const { run } = sessions.start('ada', LAB);
    await startReady();
    expect(sessions.get('ada', LAB)?.run).toBe(run);
    expect(sessions.end('ada', LAB).run).toBe(run);
    expect(sessions.start('ada', LAB).run).not.toBe(run);
    expect(sessions.start('bob', LAB).run).not.toBe(run);
  });

  it('gives each owner a lab of their own', async () => {
    const { sessions, provisioner, startReady } = setUp();
    await startReady();
    expect(sessions.get('bob', LAB)).toBeNull();
    sessions.start('bob', LAB);
    expect(provisioner.requests).toBe(2);
  });

  it('tells of each host as it comes up, and opens a shell of 80 by 24 on each', async () => {
    const { sessions, provisioner, views, reaches } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    expect(views.at(-1)).toMatchObject({ hosts: [{ state: 'starting' }, { state: 'starting' }] });
    provisioner.release();
    await reaches('ready');
    expect(views.at(-1)).toMatchObject({
      terminals: [
        { id: 'host01', host: 'host01' },
        { id: 'host02', host: 'host02' },
      ],
    });
    for (const host of provisioner.cluster.hosts.values()) {
      expect(host.ptys.map((pty) => pty.sizes)).toEqual([[{ columns: 80, rows: 24 }]]);
    }
  });

  it('fails with a reason for people and the cause in the log, and may be tried again', async () => {
    const { sessions, provisioner, lines, reaches } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    provisioner.fail(new Error('no space left on device'));
    await reaches('failed');
    const view = sessions.get('ada', LAB);
    expect(view).toMatchObject({ reason: { en: expect.any(String), 'zh-CN': expect.any(String) } });
    expect(JSON.stringify(view)).not.toContain('no space');
    expect(lines.text).toContain('no space left on device');
    sessions.start('ada', LAB);
    await reaches('ready');
  });

  it('removes the cluster and every shell when one host’s shell cannot be opened', async () => {
    const { sessions, provisioner, reaches } = setUp();
    provisioner.prepare = (cluster) => {
      cluster.host('host01').ptyError = new Error('exec failed');
    };
    sessions.start('ada', LAB);
    await reaches('failed');
    expect(provisioner.cluster.disposals).toBe(1);
    expect(provisioner.cluster.host('host02').pty.disposed).toBe(true);
  });

  it('knows no lab that there is not', () => {
    const { sessions } = setUp();
    expect(code(() => sessions.start('ada', 'other'))).toBe('scenario_not_found');
    expect(code(() => sessions.get('ada', 'other'))).toBe('scenario_not_found');
  });
});
