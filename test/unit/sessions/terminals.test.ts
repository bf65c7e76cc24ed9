import { describe, expect, it } from 'vitest';
import type { SessionView } from '../../../server/protocol/index.ts';
import { LAB, setUp } from './adas-lab.ts';

describe('a terminal that the learner opens', () => {
  const opened = async () => {
    const lab = setUp();
    await lab.startReady();
    return { ...lab, list: () => lab.sessions.get('ada', LAB) };
  };
  const terminalsOf = (view: SessionView | null) =>
    view !== null && 'terminals' in view ? view.terminals.map(({ id }) => id) : null;

  it('is listed behind the first of its host, before its id is told', async () => {
    const { sessions, views, provisioner } = await opened();
    expect(await sessions.openTerminal('ada', LAB, 'host01')).toBe('host01-2');
    expect(terminalsOf(views.at(-1) ?? null)).toEqual(['host01', 'host01-2', 'host02']);
    sessions.terminal('ada', LAB, 'host01-2')?.input(Buffer.from('x'));
    expect(provisioner.cluster.host('host01').ptys.map(({ typed }) => typed)).toEqual(['', 'x']);
  });

  it('is not what a command is typed into', async () => {
    const { sessions, provisioner } = await opened();
    await sessions.openTerminal('ada', LAB, 'host01');
    const [block] = sessions.content('ada', LAB, 'first').blocks;
    if (block === undefined) throw new Error('the step has no command');
    expect(await sessions.typeBlock('ada', LAB, 'first', block.id)).toBe('host01');
    expect(provisioner.cluster.host('host01').ptys[1]?.typed).toBe('');
  });

  it('is one of four that a host has at most, also when they are asked for at once', async () => {
    const { sessions, list } = await opened();
    const asked = await Promise.allSettled(
      Array.from({ length: 5 }, () => sessions.openTerminal('ada', LAB, 'host02')),
    );
    const refused = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(refused).toEqual([
      expect.objectContaining({ code: 'terminals_exhausted' }),
      expect.objectContaining({ code: 'terminals_exhausted' }),
    ]);
    expect(terminalsOf(list())).toEqual(['host01', 'host02', 'host02-2', 'host02-3', 'host02-4']);
    await sessions.closeTerminal('ada', LAB, 'host02-3');
    expect(await sessions.openTerminal('ada', LAB, 'host02')).toBe('host02-3');
  });

  it('is closed with its shell, which no first one of a host is', async () => {
    const { sessions, provisioner, list } = await opened();
    await sessions.openTerminal('ada', LAB, 'host01');
    await sessions.closeTerminal('ada', LAB, 'host01-2');
    await sessions.closeTerminal('ada', LAB, 'host01');
    await sessions.closeTerminal('ada', LAB, 'host02-4');
    expect(terminalsOf(list())).toEqual(['host01', 'host02']);
    expect(provisioner.cluster.host('host01').ptys.map(({ disposed }) => disposed)).toEqual([false, true]);
  });

  it('ends with the lab', async () => {
    const { sessions, provisioner } = await opened();
    await sessions.openTerminal('ada', LAB, 'host01');
    sessions.end('ada', LAB);
    await expect.poll(() => provisioner.cluster.disposals, { interval: 1 }).toBe(1);
    expect(provisioner.cluster.host('host01').ptys.every(({ disposed }) => disposed)).toBe(true);
  });

  it('is refused in words by a host that gives no shell, and by one that there is not', async () => {
    const { sessions, provisioner, list, lines } = await opened();
    const before = list();
    provisioner.cluster.host('host01').ptyError = new Error('no pty left');
    await expect(sessions.openTerminal('ada', LAB, 'host01')).rejects.toMatchObject({
      code: 'session_not_ready',
      message: expect.stringContaining('host01 gave no other shell'),
    });
    expect(lines.text).toContain('no pty left');
    await expect(sessions.openTerminal('ada', LAB, 'host05')).rejects.toMatchObject({ code: 'bad_request' });
    expect(list()).toEqual({ ...before, now: expect.any(Number) });
  });
});
