import { beforeEach, describe, expect, it } from 'vitest';
import { TerminalLink, type Screen } from '../../../../web/src/terminal/terminal-link.ts';
import type { ServerMessages } from '../../../../server/protocol/index.ts';
import { FakeSocket, provisioning, ready } from '../support.ts';

/** A screen that draws when it is told to, as a busy one would. */
class SlowScreen implements Screen {
  text = '';
  /** What of it was said to be old. */
  old = '';
  readonly #decoder = new TextDecoder();
  readonly #undrawn: (() => void)[] = [];

  write(data: Uint8Array | string, { old = false, drawn = () => {} } = {}): void {
    const text = typeof data === 'string' ? data : this.#decoder.decode(data, { stream: true });
    this.text += text;
    if (old) this.old += text;
    this.#undrawn.push(drawn);
  }

  draw(): void {
    for (const drawn of this.#undrawn.splice(0)) drawn();
  }
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('TerminalLink', () => {
  let socket: FakeSocket;
  let screen: SlowScreen;
  let link: TerminalLink;
  const state = (told: Partial<ServerMessages['terminal:state']>) =>
    socket.emit('terminal:state', { id: 'host01', alive: true, log: 'a-log', end: 0, ...told });
  const output = (from: number, text: string) =>
    socket.emit('terminal:output', { id: 'host01', from, data: bytesOf(text) });

  beforeEach(() => {
    socket = new FakeSocket();
    screen = new SlowScreen();
    link = new TerminalLink(socket, { run: 'a-run', id: 'host01' }, screen, () => ({
      gap: (lost) => `[${lost} lost]`,
      longPaste: (bytes, most) => `[${bytes} > ${most}]`,
    }));
    socket.connect();
  });

  it('attaches from the first byte on a fresh page', () => {
    expect(socket.take('terminal:attach')).toEqual([{ run: 'a-run', id: 'host01', since: 0 }]);
  });

  it('attaches at once to a socket that is connected already', () => {
    const open = new FakeSocket();
    open.connected = true;
    link = new TerminalLink(open, { run: 'a-run', id: 'host02' }, screen, () => ({
      gap: String,
      longPaste: String,
    }));
    expect(open.take('terminal:attach')).toEqual([{ run: 'a-run', id: 'host02', since: 0 }]);
  });

  it('attaches again once the hosts are there, where the server still looked for them', () => {
    socket.take('terminal:attach');
    socket.emit('session', provisioning);
    expect(socket.take('terminal:attach')).toEqual([]);
    socket.emit('session', ready());
    socket.emit('session', ready());
    expect(socket.take('terminal:attach')).toEqual([{ run: 'a-run', id: 'host01', since: 0 }]);
  });

  it('acks what has been drawn, and not what has only been received', () => {
    state({});
    output(0, 'hello');
    expect(socket.take('terminal:ack')).toEqual([]);
    screen.draw();
    expect(socket.take('terminal:ack')).toEqual([{ id: 'host01', through: 5 }]);
  });

  it('counts bytes, not characters', () => {
    state({});
    output(0, '集群');
    screen.draw();
    expect(socket.take('terminal:ack')).toEqual([{ id: 'host01', through: 6 }]);
  });

  it('leaves the output of other terminals alone, and of one that had its name before', () => {
    output(5000, 'what the other printed');
    state({});
    output(0, '$ ');
    expect(screen.text).toBe('$ ');
    socket.emit('terminal:output', { id: 'host02', from: 0, data: bytesOf('other') });
    expect(screen.text).toBe('$ ');
  });

  it('says which output is old: what was printed before it attached, and after a broken line before it came back', () => {
    state({ id: 'host02', end: 9 });
    state({ end: 4 });
    output(0, 'abcdef');
    // That the shell has ended makes nothing old.
    state({ alive: false, end: 9 });
    output(6, 'ghi');
    expect([screen.text, screen.old]).toEqual(['abcdefghi', 'abcd']);
    screen.draw();
    socket.drop();
    socket.connect();
    state({ alive: false, end: 12 });
    output(9, 'jkl');
    output(12, 'mno');
    expect([screen.text, screen.old]).toEqual(['abcdefghijklmno', 'abcdjkl']);
  });

  it('attaches again from the last byte drawn, and skips what it had received beyond that', () => {
    state({});
    output(0, 'abc');
    screen.draw();
    output(3, 'def');
    socket.take('terminal:attach');
    socket.drop();
    socket.connect();
    expect(socket.take('terminal:attach')).toEqual([{ run: 'a-run', id: 'host01', log: 'a-log', since: 3 }]);
    output(3, 'defghi');
    expect(screen.text).toBe('abcdefghi');
    screen.draw();
    expect(socket.take('terminal:ack').at(-1)).toEqual({ id: 'host01', through: 9 });
  });

  it('joins a character that a chunk has cut in two, also where the second half comes with a repetition', () => {
    state({});
    const [first, second, third] = bytesOf('集');
    socket.emit('terminal:output', { id: 'host01', from: 0, data: Uint8Array.of(first!, second!) });
    socket.drop();
    socket.connect();
    socket.emit('terminal:output', { id: 'host01', from: 0, data: Uint8Array.of(first!, second!, third!) });
    expect(screen.text).toBe('集');
  });

  it('acks a repetition that it had drawn meanwhile, lest the server wait for ever', () => {
    state({});
    output(0, 'abc');
    socket.drop();
    socket.connect();
    screen.draw();
    socket.take('terminal:ack');
    output(0, 'abc');
    expect(screen.text).toBe('abc');
    expect(socket.take('terminal:ack')).toEqual([{ id: 'host01', through: 3 }]);
  });

  it('says how much is missing where older output is no longer kept', () => {
    state({});
    output(0, 'abc');
    output(1003, 'xyz');
    expect(screen.text).toContain('[1000 lost]');
    // CAN: the gap may have cut an escape sequence, which would swallow the note.
    expect(screen.text.startsWith('abc\u0018')).toBe(true);
    expect(screen.text.endsWith('xyz')).toBe(true);
    screen.draw();
    expect(socket.take('terminal:ack').at(-1)).toEqual({ id: 'host01', through: 1006 });
  });

  it.each(['new', 'longer than what was there'])(
    'shows another shell in the place of one that has gone, whose log begins with “%s”',
    (text) => {
      state({ end: 0 });
      output(0, 'of the first');
      socket.drop();
      socket.connect();
      state({ log: 'another', end: text.length });
      output(0, text);
      // What is drawn only now is of the log before.
      screen.draw();
      expect(screen.text).toBe(`of the first\u0018${text}`);
      expect(socket.take('terminal:ack')).toEqual([{ id: 'host01', through: text.length }]);
      socket.drop();
      socket.connect();
      expect(socket.take('terminal:attach').slice(1)).toMatchObject([
        { log: 'a-log', since: 0 },
        { log: 'another', since: text.length },
      ]);
    },
  );

  it('sends keys as UTF-8', () => {
    link.type('ls 集\r');
    expect(socket.take('terminal:input')).toEqual([{ id: 'host01', data: bytesOf('ls 集\r') }]);
  });

  it('sends binary reports byte by byte', () => {
    link.typeBinary('\u001b[M\u00ff');
    expect(socket.take('terminal:input')).toEqual([
      { id: 'host01', data: Uint8Array.of(0x1b, 0x5b, 0x4d, 0xff) },
    ]);
  });

  it('splits a long paste into messages of at most 64 KiB that are whole together', () => {
    const paste = '集'.repeat(50_000);
    link.type(paste);
    const parts = socket.take('terminal:input');
    expect(parts.map(({ data }) => data.byteLength)).toEqual([65_536, 65_536, 18_928]);
    const whole = new Uint8Array(parts.flatMap(({ data }) => [...data]));
    expect(new TextDecoder().decode(whole)).toBe(paste);
  });

  it('does not send keys that were typed while the connection was down', () => {
    socket.drop();
    link.type('reboot\r');
    socket.connect();
    expect(socket.take('terminal:input')).toEqual([]);
  });

  it('types nothing of a paste that is too long, and says so', () => {
    link.type('a'.repeat(1_000_000));
    expect(socket.take('terminal:input')).toHaveLength(16);
    link.type('集'.repeat(333_334));
    expect(socket.take('terminal:input')).toEqual([]);
    expect(screen.text).toContain('[1000002 > 1000000]');
  });

  it('tells its size when it changes, and again after a reconnection', () => {
    link.resize(120, 40);
    link.resize(120, 40);
    expect(socket.take('terminal:resize')).toEqual([{ id: 'host01', columns: 120, rows: 40 }]);
    socket.drop();
    socket.connect();
    expect(socket.take('terminal:resize')).toEqual([{ id: 'host01', columns: 120, rows: 40 }]);
  });

  it('keeps to the sizes that the protocol knows', () => {
    link.resize(1, 900);
    expect(socket.take('terminal:resize')).toEqual([{ id: 'host01', columns: 2, rows: 300 }]);
  });

  it('detaches once when it is disposed, and then neither draws nor acks', () => {
    state({});
    output(0, 'abc');
    link.dispose();
    link.dispose();
    screen.draw();
    output(3, 'def');
    expect(socket.take('terminal:detach')).toEqual([{ id: 'host01' }]);
    expect(socket.take('terminal:ack')).toEqual([]);
    expect(screen.text).toBe('abc');
  });
});
