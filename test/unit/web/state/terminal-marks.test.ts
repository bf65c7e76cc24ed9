import { beforeEach, describe, expect, it } from 'vitest';
import { TerminalMarks } from '../../../../web/src/state/terminal-marks.ts';
import { FakeSocket } from '../support.ts';

describe('TerminalMarks', () => {
  let socket: FakeSocket;
  let marks: TerminalMarks;
  const state = (id: string, end: number, { alive = true, log = 'a-log' } = {}) =>
    socket.emit('terminal:state', { id, alive, log, end });
  const output = (id: string, from: number, text: string) =>
    socket.emit('terminal:output', { id, from, data: new TextEncoder().encode(text) });
  const unseen = () => [...marks.unseen.value];

  beforeEach(() => {
    socket = new FakeSocket();
    marks = new TerminalMarks();
    marks.watch(socket);
    marks.see(['host01']);
  });

  it('marks a terminal that prints while another is looked at, until it is', () => {
    state('host01', 0);
    state('host02', 0);
    output('host01', 0, 'seen');
    expect(unseen()).toEqual([]);
    output('host02', 0, 'news');
    expect(unseen()).toEqual(['host02']);
    marks.see(['host02']);
    expect(unseen()).toEqual([]);
    output('host01', 4, 'more');
    expect(unseen()).toEqual(['host01']);
  });

  it('marks nothing for what was there when the page was opened', () => {
    state('host02', 10);
    output('host02', 0, '0123456789');
    expect(unseen()).toEqual([]);
    output('host02', 10, 'a');
    expect(unseen()).toEqual(['host02']);
  });

  it('marks what was printed while the line was broken', () => {
    state('host02', 0);
    state('host02', 6);
    output('host02', 0, 'missed');
    expect(unseen()).toEqual(['host02']);
  });

  it('marks nothing for what was there when bytes began to be numbered anew', () => {
    state('host02', 100);
    state('host02', 6, { log: 'another' });
    output('host02', 0, 'before');
    expect(unseen()).toEqual([]);
    output('host02', 6, 'news');
    expect(unseen()).toEqual(['host02']);
  });

  it('does not mark again what was looked at and comes anew', () => {
    state('host02', 0);
    output('host02', 0, 'abc');
    marks.see(['host02']);
    marks.see(['host01']);
    output('host02', 0, 'abc');
    expect(unseen()).toEqual([]);
  });

  it('says whose shell has ended, and that there is another', () => {
    state('host02', 5, { alive: false });
    expect([...marks.ended.value]).toEqual(['host02']);
    state('host02', 9);
    expect([...marks.ended.value]).toEqual([]);
  });

  it('begins anew with what it forgets', () => {
    state('host02', 0, { alive: false });
    output('host02', 0, 'abc');
    marks.forget('host02');
    expect([unseen(), [...marks.ended.value]]).toEqual([[], []]);
    state('host02', 1);
    output('host02', 0, 'a');
    expect(unseen()).toEqual([]);
    output('host02', 1, 'b');
    expect(unseen()).toEqual(['host02']);
  });
});
