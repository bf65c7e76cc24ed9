import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough, type Duplex } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import Docker from 'dockerode';
import { describe, expect, it } from 'vitest';
import { asConnection, BoundedText, demultiplex } from '../../../server/clusters/exec-stream.ts';
import { frame } from '../../support/engine-frame.ts';
import { listen } from '../../support/listen.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const docker = new Docker();

const destroy = (socket: Socket) => {
  socket.destroy();
};

/** Two joined sockets: `client` is what the engine's client has of a started command, `engine` its other end. */
async function joinedSockets() {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await temporaryFolder());
  const server = createServer({ allowHalfOpen: true });
  const path = join(folder.path, 'pair.sock');
  opening.use(await listen(server, path));
  const accepted = Promise.withResolvers<Socket>();
  server.once('connection', accepted.resolve);
  const client = opening.adopt(connect({ path, allowHalfOpen: true }), destroy);
  const engine = opening.adopt(await accepted.promise, destroy);
  const owned = opening.move();
  return { client, engine, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A command's connection as it is used, with the engine's end of it. */
async function openConnection() {
  const sockets = await joinedSockets();
  const connection: Duplex = asConnection({ stream: sockets.client }, docker);
  return { connection, ...sockets };
}

describe('text with a bound', () => {
  async function kept(limit: number, ...chunks: readonly (string | Uint8Array)[]) {
    const bounded = new BoundedText(limit);
    for (const chunk of chunks) bounded.sink.write(chunk);
    bounded.sink.end();
    await finished(bounded.sink);
    return { text: bounded.text, truncated: bounded.truncated };
  }

  it('is everything that was written, up to the very limit', async () => {
    expect(await kept(10)).toEqual({ text: '', truncated: false });
    expect(await kept(10, 'hello', ' ', 'you!')).toEqual({ text: 'hello you!', truncated: false });
  });

  it.each([
    ['in one piece', ['hello you!!']],
    ['at a border of pieces', ['hello', ' you!', '!']],
    ['inside a piece, with more behind it', ['hello', ' you!!!', 'and more', '!']],
  ])('is cut at the limit and says so, %s', async (_, chunks) => {
    expect(await kept(10, ...chunks)).toEqual({ text: 'hello you!', truncated: true });
  });

  it('counts bytes, joins characters that came in parts, and shows no part of one that was cut', async () => {
    const bytes = Buffer.from('你好');
    expect(await kept(6, bytes.subarray(0, 2), bytes.subarray(2))).toEqual({
      text: '你好',
      truncated: false,
    });
    expect(await kept(5, bytes)).toEqual({ text: '你', truncated: true });
    expect(await kept(6, bytes.subarray(0, 4))).toEqual({ text: '你\uFFFD', truncated: false });
  });
});

describe("a command's output", () => {
  it('is handed to its two parts, however it is cut on its way', async () => {
    const stream = new PassThrough();
    const [stdout, stderr] = [new BoundedText(100), new BoundedText(100)];
    const done = demultiplex(stream, stdout.sink, stderr.sink, docker);
    const all = Buffer.concat([
      frame('stdout', 'one '),
      frame('stderr', 'oh '),
      frame('stdout', ''),
      frame('stdout', 'two'),
      frame('stderr', 'no'),
    ]);
    for (const byte of all) stream.write(Buffer.of(byte));
    stream.end();
    await done;
    expect([stdout.text, stderr.text]).toEqual(['one two', 'oh no']);
  });

  it('is waited for to its end', async () => {
    await using sockets = await joinedSockets();
    const output = new BoundedText(100);
    const done = demultiplex(sockets.client, output.sink, new PassThrough(), docker);
    sockets.engine.write(frame('stdout', 'begin, '));
    await once(output.sink, 'data');
    sockets.engine.end(frame('stdout', 'end'));
    await done;
    expect(output.text).toBe('begin, end');
  });

  it('fails with the reason that it is cut off for', async () => {
    await using sockets = await joinedSockets();
    const done = demultiplex(sockets.client, new PassThrough(), new PassThrough(), docker);
    const reason = new Error('That took too long.');
    sockets.client.destroy(reason);
    await expect(done).rejects.toBe(reason);
  });
});

describe("a command's connection", () => {
  it('takes what is written to the command and gives what it prints, without its complaints', async () => {
    await using opened = await openConnection();
    const { connection, engine } = opened;
    connection.end('a question');
    expect(await text(engine)).toBe('a question');
    engine.write(frame('stderr', 'a complaint'));
    engine.write(frame('stdout', 'an '));
    engine.end(frame('stdout', 'answer'));
    expect(await text(connection)).toBe('an answer');
  });

  it('carries more than any buffer holds, both ways at once', async () => {
    await using opened = await openConnection();
    const { connection, engine } = opened;
    const data = Buffer.alloc(3_000_000, 'all of the bytes, in order. ');
    engine.on('data', (chunk: Buffer) => engine.write(frame('stdout', chunk)));
    engine.on('end', () => engine.end());
    connection.end(data);
    expect((await buffer(connection)).equals(data)).toBe(true);
  });

  it('ends when the command does, and with that the stream below it', async () => {
    await using opened = await openConnection();
    const { connection, client, engine } = opened;
    engine.end(frame('stdout', 'bye'));
    expect(await text(connection)).toBe('bye');
    connection.end();
    if (!client.closed) await once(client, 'close');
    expect(client.destroyed).toBe(true);
  });

  it('closes the stream below it when it is destroyed, which is no failure for the process', async () => {
    await using opened = await openConnection();
    const { connection, client, engine } = opened;
    connection.destroy();
    expect(await text(engine)).toBe('');
    expect(client.destroyed).toBe(true);
  });

  it('does not outlive a stream that breaks', async () => {
    await using opened = await openConnection();
    const { connection, client } = opened;
    const failed = once(connection, 'error');
    client.destroy(new Error('The engine is gone.'));
    expect(String(await failed)).toContain('The engine is gone.');
    expect(connection.destroyed).toBe(true);
  });
});
