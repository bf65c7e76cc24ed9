import { signal } from '@preact/signals';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RunId, SessionView } from '../../../../server/protocol/index.ts';
import type { ConnectionState } from '../../../../web/src/state/lab-connection.ts';
import type { LabSocket } from '../../../../web/src/state/lab-socket.ts';
import { LabTerminals } from '../../../../web/src/state/lab-terminals.ts';
import type { Problem } from '../../../../web/src/state/problem.ts';
import { FakeSocket, finished, provisioning, ready, RUN } from '../support.ts';

const bytes = new Uint8Array(3);

describe('LabTerminals', () => {
  let socket: FakeSocket;
  let terminals: LabTerminals;
  let answers: [Problem | null, RunId][];
  const session = signal<SessionView | null>(null);
  const state = signal<ConnectionState>('online');

  const take = (view: SessionView) => {
    const before = session.value;
    session.value = view;
    terminals.follow(before, view);
  };

  beforeEach(() => {
    socket = new FakeSocket();
    socket.connect();
    answers = [];
    session.value = null;
    state.value = 'online';
    terminals = new LabTerminals({
      session,
      connection: { socket: signal<LabSocket | null>(socket), state },
      onAnswer: async (problem, run) => void answers.push([problem, run]),
    });
    terminals.marks.watch(socket);
    take(ready());
  });

  it('are there while the hosts run, and are of their run', () => {
    take(provisioning);
    expect(terminals.list.value).toEqual([]);
    take(finished);
    expect(terminals.list.value[0]).toEqual({ run: RUN, id: 'host01', host: 'host01' });
    session.value = null;
    expect([terminals.list.value, terminals.front.value]).toEqual([[], null]);
  });

  it('are run in while the connection stands', () => {
    expect(terminals.canRun.value).toBe(true);
    state.value = 'reconnecting';
    expect([terminals.list.value.length, terminals.canRun.value]).toEqual([2, false]);
  });

  it('have another opened and brought to the front, and go back to the host’s first when it is closed', async () => {
    await terminals.open('host01');
    expect(socket.take('terminal:open')).toEqual([{ run: RUN, host: 'host01' }]);
    take(ready({ terminals: [{ id: 'host01-2', host: 'host01' }, ...ready().terminals] }));
    expect([terminals.front.value, terminals.hasOpened('host01-2')]).toEqual(['host01-2', true]);
    terminals.show('host02');
    terminals.close('host01');
    expect(socket.take('terminal:close')).toEqual([]);
    terminals.close('host01-2');
    expect(socket.take('terminal:close')).toEqual([{ run: RUN, id: 'host01-2' }]);
    take(ready());
    expect([terminals.front.value, terminals.hasOpened('host01-2')]).toEqual(['host01', false]);
  });

  it('say why there is no other', async () => {
    socket.opened = { error: 'terminals_exhausted', message: { en: 'Close one.' } };
    await terminals.open('host01');
    expect([answers, terminals.front.value]).toEqual([[[socket.opened, RUN]], 'host01']);
  });

  it('bring the one to the front that a block was typed into, and give it the keyboard', async () => {
    socket.answer = { terminal: 'host02' };
    expect(terminals.front.value).toBe('host01');
    expect(await terminals.run('first', 'b2')).toBe(true);
    expect(socket.runs).toEqual([{ run: RUN, step: 'first', block: 'b2' }]);
    expect([terminals.front.value, terminals.focusRequests.value, answers]).toEqual([
      'host02',
      1,
      [[null, RUN]],
    ]);
  });

  it('have a block typed once, however often it is asked before the answer', async () => {
    const both = await Promise.all([terminals.run('first', 'b2'), terminals.run('first', 'b2')]);
    expect(both).toEqual([true, false]);
    expect(socket.runs).toHaveLength(1);
    expect(await terminals.run('first', 'b2')).toBe(true);
  });

  it('say why a block was not typed, and leave the keyboard where it is', async () => {
    socket.answer = { error: 'session_not_ready', message: { en: 'Not yet.' } };
    expect(await terminals.run('first', 'b1')).toBe(false);
    expect([answers, terminals.focusRequests.value]).toEqual([[[socket.answer, RUN]], 0]);
  });

  it('forget the marks of one that was closed, and of all where the lab is another run', async () => {
    await terminals.open('host01');
    take(ready({ terminals: [{ id: 'host01-2', host: 'host01' }, ...ready().terminals] }));
    for (const id of ['host01-2', 'host02']) {
      socket.emit('terminal:state', { id, alive: true, log: 'a-log', end: 0 });
      socket.emit('terminal:output', { id, from: 0, data: bytes });
    }
    expect([...terminals.marks.unseen.value]).toEqual(['host01-2', 'host02']);
    take(ready());
    expect([...terminals.marks.unseen.value]).toEqual(['host02']);
    take(ready({ run: 'another-run' }));
    expect([[...terminals.marks.unseen.value], terminals.hasOpened('host01-2')]).toEqual([[], false]);
  });
});
