import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { EngineError } from '../../../server/checks/engine-error.ts';
import { networkView } from '../../../server/checks/network-view.ts';
import { ProbeError } from '../../../server/clusters/probe-error.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { listen } from '../../support/listen.ts';

const never = new AbortController().signal;

/** What is seen of a server of this machine, which stands for one that the host reaches. */
async function seen(server: Server, deadline = never) {
  const listening = await listen(server);
  const host = new FakeHost('host01');
  host.dial = async (address, port) => {
    const socket = connect(port, address);
    await once(socket, 'connect');
    return socket;
  };
  const at = { address: '127.0.0.1', port: listening.port };
  const view = networkView(host, deadline);
  return {
    httpGet: () => view.httpGet(at),
    redisGet: (key: string) => view.redisGet(at, key),
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

describe('httpGet', () => {
  const served = (answer: RequestListener) => seen(createHttpServer(answer));

  test('gives status and body, whatever the status is', async () => {
    await using there = await served((_, response) => response.writeHead(404).end('nothing 一'));
    expect(await there.httpGet()).toEqual({ status: 404, body: 'nothing 一' });
  });

  test('opens a connection for each request and ends it', async () => {
    const ports = new Set<number | undefined>();
    await using there = await served(({ headers, socket }, response) => {
      ports.add(socket.remotePort);
      response.end(headers.connection);
    });
    expect(await there.httpGet()).toEqual({ status: 200, body: 'close' });
    await there.httpGet();
    expect(ports.size).toBe(2);
  });

  test('of an answer without end the beginning is given', async () => {
    await using there = await served((_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(10_000)), 1);
      response.on('close', () => clearInterval(timer));
    });
    expect(await there.httpGet()).toEqual({ status: 200, body: 'x'.repeat(64 * 1024) });
  });

  test('what changes to another protocol is no answer', async () => {
    const changing = createServer((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tea\r\n\r\n');
      socket.resume().on('error', () => undefined);
    });
    await using there = await seen(changing);
    expect(await there.httpGet()).toEqual({ failure: 'it went on in another protocol' });
  });

  test('what breaks off is no answer, and says why', async () => {
    await using there = await served(({ socket }) => socket.destroy());
    expect(await there.httpGet()).toEqual({ failure: 'socket hang up' });
  });

  test('a connection that is refused is no answer', async () => {
    const view = networkView(new FakeHost('host01'), never);
    expect(await view.httpGet({ address: '127.0.0.1', port: 1 })).toEqual({ failure: 'Connection refused' });
  });

  test('a connection that cannot even be tried is an error, and says nothing of the application', async () => {
    const host = new FakeHost('host01');
    for (const error of [new ProbeError('The probe has gone'), new EngineError('host01', 'no answer')]) {
      host.dial = () => Promise.reject(error);
      const view = networkView(host, never);
      await expect(view.httpGet({ address: '127.0.0.1', port: 1 })).rejects.toThrow(error);
      await expect(view.lookup('http')).rejects.toThrow(error);
    }
  });

  test('one that does not answer is given up after five seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const timeouts = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
    await using there = await served(() => undefined);
    expect(await there.httpGet()).toEqual({ failure: 'no answer within 5 seconds' });
    expect(timeouts).toHaveBeenCalledWith(5000);
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  test("the check's own deadline is an error", async () => {
    const ending = new AbortController();
    await using there = await seen(
      createHttpServer(() => ending.abort(new Error('the time is over'))),
      ending.signal,
    );
    await expect(there.httpGet()).rejects.toThrow('the time is over');
  });
});

describe('redisGet', () => {
  /** A Redis that answers anything with `pieces`, one after another, and keeps what it was asked. */
  async function answering(...pieces: string[]) {
    const asked: string[] = [];
    const there = await seen(
      createServer((socket) => {
        socket.on('error', () => undefined);
        socket.on('data', (data) => {
          asked.push(data.toString());
          for (const piece of pieces) setImmediate(() => socket.write(piece));
        });
      }),
    );
    return { ...there, asked };
  }

  test('asks for one key, in bytes', async () => {
    await using there = await answering('$-1\r\n');
    await there.redisGet('总数');
    expect(there.asked).toEqual(['*2\r\n$3\r\nGET\r\n$6\r\n总数\r\n']);
  });

  test.each([
    ['a value', ['$1\r\n7\r\n'], { value: '7' }],
    ['a value in pieces', ['$1', '2\r', '\n12345', '6789012\r', '\n'], { value: '123456789012' }],
    ['a value with line ends', ['$4\r\na\r\nb\r\n'], { value: 'a\r\nb' }],
    ['none', ['$-1\r\n'], { value: null }],
    ['an error', ['-LOADING in memory\r\n'], { error: 'LOADING in memory' }],
    ['something else', ['HTTP/1.1 400\r\n'], { failure: 'What answered is not Redis: HTTP/1.1 400' }],
    ['too much', ['$999999\r\n', 'x'.repeat(70_000)], { failure: 'Redis gave an answer that is too long.' }],
  ])('reads %s', async (_name, pieces, expected) => {
    await using there = await answering(...pieces);
    expect(await there.redisGet('requests')).toEqual(expected);
  });

  test('one that hangs up is no answer', async () => {
    await using there = await seen(createServer((socket) => socket.resume().end()));
    expect(await there.redisGet('requests')).toEqual({
      failure: 'Redis ended the connection before it answered.',
    });
  });
});
