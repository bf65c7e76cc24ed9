import { describe, expect, it } from 'vitest';
import { passed } from '../../support/scripted-checks.ts';
import { settled } from '../../support/settled.ts';
import { code, LAB, setUp } from './adas-lab.ts';

describe('ending', () => {
  it('ends the shells and removes the cluster', async () => {
    const { sessions, provisioner, startReady } = setUp();
    await startReady();
    expect(sessions.end('ada', LAB).status).toBe('ended');
    await sessions[Symbol.asyncDispose]();
    expect(provisioner.cluster.disposals).toBe(1);
    expect(provisioner.cluster.host('host01').pty.disposed).toBe(true);
    expect(sessions.terminal('ada', LAB, 'host01')).toBeUndefined();
  });

  it('stops provisioning', () => {
    const { sessions, provisioner } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    sessions.end('ada', LAB);
    expect(provisioner.signals[0]?.aborted).toBe(true);
    provisioner.release();
  });

  it('is not undone by a late “provisioned”, whose cluster is removed', async () => {
    const { sessions, provisioner } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    sessions.end('ada', LAB);
    provisioner.release();
    await sessions[Symbol.asyncDispose]();
    expect(sessions.get('ada', LAB)?.status).toBe('ended');
    expect(provisioner.cluster.disposals).toBe(1);
    expect(provisioner.cluster.host('host01').ptys).toEqual([]);
  });

  it('is not undone by a late failure of provisioning, which is no error then', async () => {
    const { sessions, provisioner, lines } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    sessions.end('ada', LAB);
    provisioner.fail(new Error('aborted'));
    await sessions[Symbol.asyncDispose]();
    expect(sessions.get('ada', LAB)?.status).toBe('ended');
    expect(lines.errors).toEqual([]);
  });

  it('gives way to a new lab at once, which the old one’s late cluster does not touch', async () => {
    const { sessions, provisioner, reaches } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    sessions.end('ada', LAB);
    sessions.start('ada', LAB);
    provisioner.release();
    await reaches('ready');
    const [first, second] = provisioner.clusters;
    await settled();
    expect([first?.disposals, second?.disposals]).toEqual([1, 0]);
    expect(sessions.terminal('ada', LAB, 'host01')?.alive).toBe(true);
    await sessions[Symbol.asyncDispose]();
    expect([first?.disposals, second?.disposals]).toEqual([1, 1]);
  });

  it('stops the checks under way, whose late verdicts pass no step', async () => {
    const { sessions, checks, startReady } = setUp();
    await startReady();
    const view = sessions.check('ada', LAB, 'first');
    sessions.end('ada', LAB);
    expect(checks.last.signal.aborted).toBe(true);
    checks.last.answer([passed, passed]);
    expect(await view).toMatchObject({ status: 'ended', steps: [{ state: 'open', checking: false }, {}] });
  });

  it('removes a cluster once, however often it is asked for', async () => {
    const { sessions, provisioner, startReady } = setUp();
    await startReady();
    sessions.end('ada', LAB);
    sessions.end('ada', LAB);
    await sessions[Symbol.asyncDispose]();
    await sessions[Symbol.asyncDispose]();
    expect(provisioner.cluster.disposals).toBe(1);
  });

  it('of everything, at the server’s end, waits for labs that are still being made', async () => {
    const { sessions, provisioner } = setUp();
    provisioner.hold();
    sessions.start('ada', LAB);
    sessions.start('bob', LAB);
    const disposed = sessions[Symbol.asyncDispose]();
    provisioner.release();
    await disposed;
    expect(provisioner.clusters.map((cluster) => cluster.disposals)).toEqual([1, 1]);
  });

  it('of everything waits also for the removal of labs that others have taken the place of', async () => {
    const { sessions, provisioner, startReady } = setUp();
    await startReady();
    const removal = Promise.withResolvers<void>();
    provisioner.cluster.removed = removal.promise;
    sessions.end('ada', LAB);
    await startReady();
    let done = false;
    const disposed = sessions[Symbol.asyncDispose]().then(() => (done = true));
    await settled();
    expect([done, ...provisioner.clusters.map(({ disposals }) => disposals)]).toEqual([false, 1, 1]);
    removal.resolve();
    await disposed;
  });

  it('is not undone by shells that open late, which end with their cluster', async () => {
    const { sessions, provisioner } = setUp();
    const gate = Promise.withResolvers<void>();
    provisioner.prepare = (cluster) => {
      const host = cluster.host('host02');
      const open = host.openPty.bind(host);
      host.openPty = async (size) => {
        await gate.promise;
        return open(size);
      };
    };
    sessions.start('ada', LAB);
    await settled();
    const ended = sessions.end('ada', LAB);
    gate.resolve();
    await sessions[Symbol.asyncDispose]();
    expect(sessions.get('ada', LAB)).toMatchObject({ status: 'ended', run: ended.run });
    const ptys = [...provisioner.cluster.hosts.values()].flatMap((host) => host.ptys);
    expect(ptys.map(({ disposed }) => disposed)).toEqual([true, true]);
    expect(provisioner.cluster.disposals).toBe(1);
  });

  it('asks for a session', () => {
    const { sessions } = setUp();
    expect(code(() => sessions.end('ada', LAB))).toBe('session_not_found');
  });
});

describe('a host that stops although nobody has ended the lab', () => {
  it('ends the lab with a reason that names it, and what is left of the cluster is removed', async () => {
    const { sessions, provisioner, reaches, startReady, lines } = setUp();
    await startReady();
    const { cluster } = provisioner;
    cluster.lose.resolve('host02');
    await reaches('failed');
    expect(sessions.get('ada', LAB)).toMatchObject({ reason: { en: expect.stringContaining('host02') } });
    await expect.poll(() => cluster.disposals).toBe(1);
    expect(lines.text).toContain('a host has stopped');
    sessions.start('ada', LAB);
    await reaches('ready');
  });

  it('leaves the lab its place until the rest of it is removed', async () => {
    const { sessions, provisioner, reaches, startReady } = setUp();
    await startReady();
    const removed = Promise.withResolvers<void>();
    provisioner.cluster.removed = removed.promise;
    provisioner.cluster.lose.resolve('host02');
    await reaches('failed');
    expect([sessions.open, sessions.places]).toEqual([0, 1]);
    removed.resolve();
    await expect.poll(() => sessions.places).toBe(0);
  });

  it('changes nothing for somebody who ends the lab at that moment', async () => {
    const { sessions, provisioner, startReady, reaches, lines } = setUp();
    await startReady();
    sessions.end('ada', LAB);
    provisioner.cluster.lose.resolve('host02');
    await expect.poll(() => provisioner.cluster.disposals).toBe(1);
    await settled();
    await reaches('ended');
    expect(lines.errors).toEqual([]);
  });
});
