import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProbeError } from '../../server/clusters/probe-error.ts';
import { ProbeLink } from '../../server/clusters/probe-link.ts';
import { PROBE } from '../../server/images/probe.ts';
import { listen, type Listening } from '../support/listen.ts';
import { compileProgram, connectProgram } from '../support/local-program.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';

const never = new AbortController().signal;
const LARGE = randomBytes(3 * 2 ** 20);

let folder: TemporaryFolder;
let program: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  program = await compileProgram(join(PROBE.context, 'drydock-probe.c'), folder.path);
});
afterAll(() => folder[Symbol.asyncDispose]());

/** A probe of this machine, compiled for it. */
function probe() {
  const { connection, pid, kill } = connectProgram(program, ['connect']);
  const link = new ProbeLink(connection);
  return { link, pid, kill, [Symbol.dispose]: () => link.close() };
}

/** A server that lets its clients end before it does; they go with it. */
async function serve(onClient: (client: Socket) => void, socketPath?: string): Promise<Listening> {
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    clients.add(client);
    client.on('error', () => undefined);
    onClient(client);
  });
  const listening = await listen(server, socketPath);
  return {
    port: listening.port,
    [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      return listening[Symbol.asyncDispose]();
    },
  };
}

const echo = (client: Socket) => client.pipe(client);

async function exchange(connection: Duplex, sent: Uint8Array): Promise<Buffer> {
  connection.end(sent);
  return buffer(connection);
}

describe('a connection through a probe', { timeout: 30_000 }, () => {
  it('carries bytes both ways over TCP, and each way ends by itself', async () => {
    await using server = await serve(echo);
    using there = probe();
    const connection = await there.link.dial({ address: '127.0.0.1', port: server.port }, never);
    expect((await exchange(connection, Buffer.from('hello'))).toString()).toBe('hello');
  });

  it('leads to a Unix socket, too', async () => {
    const socket = join(folder.path, 'engine.sock');
    await using server = await serve(echo, socket);
    using there = probe();
    const connection = await there.link.dial({ socket }, never);
    expect((await exchange(connection, Buffer.from('hello'))).toString()).toBe('hello');
    expect(server.port).toBe(0);
  });

  it('loses nothing of what is larger than any buffer, among others that do the same', async () => {
    await using server = await serve(echo);
    using there = probe();
    const exchanges = [1, 2, 3].map(async () => {
      const connection = await there.link.dial({ address: '127.0.0.1', port: server.port }, never);
      return (await exchange(connection, LARGE)).equals(LARGE);
    });
    expect(await Promise.all(exchanges)).toEqual([true, true, true]);
  });

  it('that nobody reads does not hold up another', async () => {
    await using server = await serve((client) => {
      client.once('data', (first) => client.write(Buffer.concat([first, LARGE])));
    });
    using there = probe();
    const target = { address: '127.0.0.1', port: server.port };
    const unread = await there.link.dial(target, never);
    unread.write('1');
    const read = await there.link.dial(target, never);
    read.write('2');
    let received = 0;
    for await (const chunk of read as AsyncIterable<Buffer>) {
      received += chunk.byteLength;
      if (received > LARGE.byteLength) break;
    }
    expect(received).toBe(LARGE.byteLength + 1);
  });

  it('that the other side does not read takes no more than it has room for', async () => {
    await using server = await serve((client) => client.pause());
    using there = probe();
    const connection = await there.link.dial({ address: '127.0.0.1', port: server.port }, never);
    const written = new Promise((resolve) => connection.write(Buffer.alloc(64 * 2 ** 20), resolve));
    expect(await Promise.race([written, wait(300, 'waits')])).toBe('waits');
    expect(await memory(there.pid)).toBeLessThan(1024);
  });

  it.each([
    ['port', { address: '127.0.0.1', port: 1 }, 'Connection refused'],
    ['socket', { socket: '/nowhere/engine.sock' }, 'No such file or directory'],
  ])('to a %s that nobody listens on is refused in the words of the system', async (_, target, said) => {
    using there = probe();
    await expect(there.link.dial(target, never)).rejects.toThrow(said);
  });

  it('that the other side resets is an error', async () => {
    await using server = await serve((client) => client.once('data', () => client.resetAndDestroy()));
    using there = probe();
    const connection = await there.link.dial({ address: '127.0.0.1', port: server.port }, never);
    const read = buffer(connection);
    connection.write('reset');
    await expect(read).rejects.toThrow('Connection reset by peer');
  });

  it('ends for the other side when it is destroyed here', async () => {
    const ended = Promise.withResolvers<string>();
    await using server = await serve((client) => {
      client.resume().once('end', () => ended.resolve('ended'));
    });
    using there = probe();
    const connection = await there.link.dial({ address: '127.0.0.1', port: server.port }, never);
    connection.destroy();
    expect(await ended.promise).toBe('ended');
  });

  it('that is no longer wanted is given up', async () => {
    using there = probe();
    const stop = new AbortController();
    // Nothing answers at an address that is for documentation only.
    const dialled = there.link.dial({ address: '192.0.2.1', port: 80 }, stop.signal);
    stop.abort(new Error('no longer wanted'));
    await expect(dialled).rejects.toThrow('no longer wanted');
  });
});

describe('a probe', { timeout: 30_000 }, () => {
  it('that is killed takes its connections with it, and says so to who dials next', async () => {
    await using server = await serve(echo);
    using there = probe();
    const target = { address: '127.0.0.1', port: server.port };
    const connection = await there.link.dial(target, never);
    const failed = once(connection, 'error');
    there.kill();
    expect(await failed).toEqual([expect.any(ProbeError)]);
    await there.link.closed;
    await expect(there.link.dial(target, never)).rejects.toThrow(ProbeError);
  });

  it('refuses one connection too many, and takes it when another has gone', async () => {
    await using server = await serve(echo);
    using there = probe();
    const dial = () => there.link.dial({ address: '127.0.0.1', port: server.port }, never);
    const open = await Promise.all(Array.from({ length: 64 }, dial));
    await expect(dial()).rejects.toThrow('Too many connections');
    open[7]?.destroy();
    expect((await exchange(await dial(), Buffer.from('hello'))).toString()).toBe('hello');
  });

  it('takes little memory, and no time while a connection waits', async () => {
    await using server = await serve(echo);
    using there = probe();
    await there.link.dial({ address: '127.0.0.1', port: server.port }, never);
    expect(await memory(there.pid)).toBeLessThan(512);
    const before = await ticks(there.pid);
    await wait(500);
    expect((await ticks(there.pid)) - before).toBeLessThan(5);
  });
});

/** KiB of a process's own. */
async function memory(pid: number | undefined): Promise<number> {
  return Number(/RssAnon:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** Hundredths of a second of processor time. */
async function ticks(pid: number | undefined): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ');
  return Number(fields[13]) + Number(fields[14]);
}
