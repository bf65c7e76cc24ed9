import { beforeEach, describe, expect, it } from 'vitest';
import { LabConnection } from '../../../../web/src/state/lab-connection.ts';
import type { LabSocket } from '../../../../web/src/state/lab-socket.ts';
import { FakeSocket } from '../support.ts';

describe('LabConnection', () => {
  let sockets: FakeSocket[];
  let heard: LabSocket[];
  let loads: boolean;
  let gate: Promise<void>;
  let connection: LabConnection;

  beforeEach(() => {
    sockets = [];
    heard = [];
    loads = true;
    gate = Promise.resolve();
    connection = new LabConnection({
      slug: 'swarm',
      connect: async () => {
        await gate;
        if (!loads) throw new TypeError('Failed to fetch dynamically imported module');
        sockets.push(new FakeSocket());
        return sockets.at(-1)!;
      },
      listen: (socket) => heard.push(socket),
    });
  });

  it('is one, however often it is opened, and tells how it fares', async () => {
    expect(connection.state.value).toBe('none');
    const both = Promise.all([connection.open(), connection.open()]);
    expect(connection.state.value).toBe('connecting');
    await both;
    expect([sockets.length, heard]).toEqual([1, sockets]);
    expect(connection.socket.value).toBe(sockets[0]);
    const states = [];
    const [socket] = sockets;
    for (const name of ['connected', 'disconnected', 'delayed'] as const) {
      socket?.emit(name, undefined);
      states.push(connection.state.value);
    }
    socket?.emit('refused', { error: 'unreachable' });
    expect([...states, connection.state.value]).toEqual(['online', 'reconnecting', 'delayed', 'given-up']);
  });

  it('that could not come about can be tried again', async () => {
    loads = false;
    await connection.open();
    expect([connection.state.value, connection.socket.value]).toEqual(['given-up', null]);
    loads = true;
    await connection.open();
    expect(connection.socket.value).toBe(sockets[0]);
  });

  it('that was closed while it came about is closed then, and does not stand in the way of the next', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    const late = connection.open();
    connection.close();
    expect(connection.state.value).toBe('none');
    const next = connection.open();
    resolve();
    await Promise.all([late, next]);
    expect(sockets.map(({ closed }) => closed)).toEqual([true, false]);
    expect(connection.socket.value).toBe(sockets[1]);
    expect(heard).toEqual([sockets[1]]);
  });
});
