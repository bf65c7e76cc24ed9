import { describe, expect, it, vi } from 'vitest';
import { MAX_INPUT_BYTES, routes } from '../../server/protocol/index.ts';
import { SessionManager } from '../../server/sessions/manager.ts';
import { CHUNK_SIZE, LOG_LIMIT } from '../../server/terminals/output-log.ts';
import { FIRST_WINDOW } from '../../server/terminals/viewer-window.ts';
import { settled } from '../support/settled.ts';
import { startTestApp } from '../support/test-app.ts';

/** Well-formed, and nobody’s. */
const RUN = '00000000-0000-4000-8000-000000000000';

const TRANSPORTS = [
  { name: 'WebSocket', transports: ['websocket'] },
  { name: 'polling', transports: ['polling'] },
  { name: 'polling, upgraded', transports: ['polling', 'websocket'] },
] as const;

describe.each(TRANSPORTS)('a page’s socket over $name', ({ transports }) => {
  it('gives the session at once and at each change, and carries bytes both ways', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.connect({ transports });
    expect(learner.session).toBeNull();
    await learner.request('POST', `/api/scenarios/${learner.slug}/session`);
    await learner.until('ready');
    learner.attach('host01');
    learner.type('host01', 'count 3\r');
    await learner.untilScreen('host01', ({ text }) => text.includes('line 2 行\r\n$ '));
  });

  it('is refused to a page of another site', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await expect(learner.connect({ transports, origin: 'http://evil.example' })).rejects.toThrow(/error/);
    expect(learner.session).toBeUndefined();
    expect(app.log.text).toContain('foreign origin');
  });

  it('is given to a page of this server', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.connect({ transports, origin: app.url });
    expect(learner.session).toBeNull();
  });

  it('takes keys as large as the protocol allows', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start({ transports });
    learner.attach('host01');
    learner.type('host01', 'x'.repeat(MAX_INPUT_BYTES));
    learner.type('host01', '\r');
    await learner.untilScreen('host01', ({ text }) => text.includes('unknown: xxx'));
    expect(app.provisioner.cluster.host('host01').pty.typed).toHaveLength(MAX_INPUT_BYTES + 1);
  });
});

describe('a handshake', () => {
  it.each([
    [{}, 'bad_request'],
    [{ scenario: 'Not A Slug' }, 'bad_request'],
    [{ scenario: { length: { valueOf: 0, toString: 0 } } }, 'bad_request'],
    [{ scenario: 'two-steps', admin: true }, 'bad_request'],
    [{ scenario: 'other' }, 'scenario_not_found'],
  ])('of %j is refused as %s', async (auth, code) => {
    await using app = await startTestApp();
    using learner = app.client();
    await expect(learner.connect({ auth })).rejects.toMatchObject({ data: { error: code } });
  });

  it('without a cookie is refused', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    learner.cookie = 'drydock_owner=nobody';
    await expect(learner.connect()).rejects.toMatchObject({ data: { error: 'bad_request' } });
  });

  it('that the server cannot answer is refused in words and logged, and the next is answered', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.request('GET', routes.scenarios());
    vi.spyOn(SessionManager.prototype, 'get').mockImplementationOnce(() => {
      throw new Error('a fault');
    });
    await expect(learner.connect()).rejects.toMatchObject({ data: { error: 'internal' } });
    expect(app.log.errors.join('')).toContain('a fault');
    await learner.connect();
    expect(learner.session).toBe(null);
  });
});

describe('a shell', () => {
  it('is told of as it ends and as there is another, and how much of its output is old', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    const host = app.provisioner.cluster.host('host01');
    host.pty.print('$ ');
    await host.pty.drained();
    learner.attach('host01');
    await learner.untilScreen('host01', ({ text }) => text === '$ ');
    expect(learner.shells.get('host01')).toMatchObject({ alive: true, end: 2 });
    host.pty.end(0);
    await learner.untilShell('host01', false);
    learner.type('host01', '\r');
    await learner.untilShell('host01', true);
  });

  it('besides the first is opened and closed by the page, and another page hears of it', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    using other = app.client();
    other.cookie = learner.cookie;
    await other.connect();
    expect(await learner.openTerminal('host02')).toEqual({ terminal: 'host02-2' });
    learner.attach('host02-2');
    learner.type('host02-2', 'hostname\r');
    await learner.untilScreen('host02-2', ({ text }) => text.includes('host02\r\n$ '));
    await expect.poll(() => other.session).toEqual(learner.session);
    learner.closeTerminal('host02-2');
    await expect.poll(() => other.session).toMatchObject({ terminals: [{ id: 'host01' }, { id: 'host02' }] });
    expect(await learner.openTerminal('host05')).toMatchObject({ error: 'bad_request' });
  });
});

describe('reconnecting', () => {
  it('goes on where the page left off, with nothing lost and nothing twice', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    learner.attach('host01');
    learner.type('host01', 'count 200\r');
    await learner.untilScreen('host01', ({ text }) => text.includes('line 199'));
    learner.disconnect();
    const left = learner.screen('host01').drawn;
    const { pty } = app.provisioner.cluster.host('host01');
    pty.print('printed while nobody looked\r\n');
    await pty.drained();
    await learner.connect();
    learner.attach('host01');
    // The screen throws where a byte is missing or comes twice.
    await learner.untilScreen('host01', ({ text }) => text.endsWith('nobody looked\r\n'));
    expect(learner.screen('host01').drawn).toBe(left + 'printed while nobody looked\r\n'.length);
  });

  it('shows the same as never having left, over another transport too', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    learner.attach('host01');
    learner.type('host01', 'count 3000\r');
    await learner.untilScreen('host01', ({ drawn }) => drawn > 0);
    for (const transport of ['polling', 'websocket', 'polling'] as const) {
      await learner.connect({ transports: [transport] });
      learner.attach('host01');
    }
    await learner.untilScreen('host01', ({ text }) => text.includes('line 2999 行\r\n$ '));
    using fresh = app.client();
    fresh.cookie = learner.cookie;
    await fresh.connect();
    fresh.attach('host01');
    await fresh.untilScreen('host01', ({ drawn }) => drawn === learner.screen('host01').drawn);
    expect(fresh.screen('host01').text).toBe(learner.screen('host01').text);
  });

  it('lets go of the shell that the lost page held back', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    learner.acks = false;
    learner.attach('host01');
    const { pty } = app.provisioner.cluster.host('host01');
    pty.print('$ ');
    await learner.untilScreen('host01', ({ drawn }) => drawn === 2);
    for (let i = 0; i < 64; i++) pty.print(Buffer.alloc(16 * 1024, '.'));
    await learner.untilScreen('host01', ({ drawn }) => drawn >= FIRST_WINDOW);
    await settled();
    // One more piece than the window has room for.
    expect(pty.taken).toBeLessThanOrEqual(FIRST_WINDOW + 16 * 1024 + 2);
    learner.disconnect();
    await pty.drained();
  });

  it('begins at the oldest byte kept where what is asked for is older', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    const { pty } = app.provisioner.cluster.host('host01');
    const printed = LOG_LIMIT + 256 * 1024;
    for (let i = 0; i < printed; i += 64 * 1024) pty.print(Buffer.alloc(64 * 1024, '.'));
    await pty.drained();
    learner.attach('host01');
    await learner.untilScreen('host01', ({ drawn }) => drawn === printed);
    expect(learner.screen('host01').from).toBeGreaterThanOrEqual(printed - LOG_LIMIT);
    expect(learner.screen('host01').from).toBeLessThan(printed - LOG_LIMIT + CHUNK_SIZE);
  });
});

describe('a page that shows a terminal', () => {
  it('is given what it missed by its number where the log has run past it', async () => {
    await using app = await startTestApp();
    using quick = app.client();
    await quick.start();
    using slow = app.client();
    slow.cookie = quick.cookie;
    slow.acks = false;
    slow.screen('host01').mayMiss = true;
    await slow.connect();
    const { pty } = app.provisioner.cluster.host('host01');
    const print = (length: number) => {
      for (let i = 0; i < length; i += 64 * 1024) pty.print(Buffer.alloc(64 * 1024, '.'));
    };
    // More than a window behind from the first, it holds nobody back.
    print(2 * FIRST_WINDOW);
    await pty.drained();
    quick.attach('host01');
    await quick.untilScreen('host01', ({ drawn }) => drawn === 2 * FIRST_WINDOW);
    slow.attach('host01');
    await slow.untilScreen('host01', ({ drawn }) => drawn >= FIRST_WINDOW);
    print(2 * LOG_LIMIT);
    await slow.untilScreen('host01', ({ missed }) => missed > 0);
    slow.acks = true;
    slow.emit('terminal:ack', { id: 'host01', through: slow.screen('host01').drawn });
    const all = 2 * FIRST_WINDOW + 2 * LOG_LIMIT;
    await slow.untilScreen('host01', ({ drawn }) => drawn === all);
    await quick.untilScreen('host01', ({ drawn }) => drawn === all);
    const { text, missed } = slow.screen('host01');
    expect(text).toHaveLength(all - missed);
    expect(quick.screen('host01').text).toHaveLength(all);
  });

  it('shows everything once, however often it asks', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    for (let times = 0; times < 3; times++) learner.attach('host01');
    const { pty } = app.provisioner.cluster.host('host01');
    // Answered after all three have been dealt with.
    await learner.runBlock('first', 'b7');
    pty.print('printed once\r\n');
    await learner.untilScreen('host01', ({ text }) => text.endsWith('once\r\n'));
    await learner.runBlock('first', 'b7');
    expect(learner.screen('host01').text).toBe('printed once\r\n');
  });

  it('holds its shell back no more, and is given nothing, once it has put it away', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    learner.acks = false;
    learner.attach('host01');
    learner.emit('terminal:detach', { id: 'host01' });
    await learner.runBlock('first', 'b7');
    const { pty } = app.provisioner.cluster.host('host01');
    for (let i = 0; i < 64; i++) pty.print(Buffer.alloc(16 * 1024, '.'));
    await pty.drained();
    await learner.runBlock('first', 'b7');
    expect(learner.screen('host01').drawn).toBe(0);
  });
});

describe('a lab that is started again', () => {
  /** Two tabs of one learner at the first run’s output; one of them is away while the other starts it again. */
  async function startAgainBehind() {
    const app = await startTestApp();
    const away = app.client();
    const before = await away.start();
    const first = app.provisioner.cluster.host('host01').pty;
    first.print('the first run prints more than the second');
    away.attach('host01');
    await away.untilScreen('host01', ({ text }) => text.endsWith('second'));
    away.disconnect();
    const other = app.client();
    other.cookie = away.cookie;
    await other.connect();
    await other.request('DELETE', `/api/scenarios/${other.slug}/session`);
    await other.until('ended');
    const after = await other.start();
    const second = app.provisioner.cluster.host('host01').pty;
    const dispose = async () => {
      away.disconnect();
      other.disconnect();
      await app[Symbol.asyncDispose]();
    };
    return { away, before, after, second, [Symbol.asyncDispose]: dispose };
  }

  it('has another run, by which a page that was away knows it', async () => {
    await using lab = await startAgainBehind();
    expect(lab.after.run).not.toBe(lab.before.run);
    await lab.away.connect();
    expect(lab.away.session?.run).toBe(lab.after.run);
  });

  it('shows no output to a page that still counts the bytes of the run before, and all to one that knows', async () => {
    await using lab = await startAgainBehind();
    lab.second.print('0123456789'.repeat(10));
    await lab.away.connect();
    const drawn = lab.away.screen('host01').drawn;
    lab.away.attach('host01', lab.before.run);
    // Answered after the attach has been dealt with.
    await lab.away.runBlock('first', 'b7');
    expect(lab.away.screen('host01').drawn).toBe(drawn);
    lab.away.screens.clear();
    lab.away.attach('host01');
    await lab.away.untilScreen('host01', ({ text }) => text === '0123456789'.repeat(10));
  });

  it('is not disturbed by output of the run before that was still to come', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    learner.acks = false;
    learner.attach('host01');
    const { pty } = app.provisioner.cluster.host('host01');
    for (let i = 0; i < 64; i++) pty.print(Buffer.alloc(16 * 1024, '.'));
    await learner.untilScreen('host01', ({ drawn }) => drawn >= FIRST_WINDOW);
    await learner.request('DELETE', `/api/scenarios/${learner.slug}/session`);
    await learner.until('ended');
    const { drawn } = learner.screen('host01');
    learner.emit('terminal:ack', { id: 'host01', through: drawn });
    // Answered after the ack has been dealt with.
    await learner.runBlock('first', 'b7');
    expect(learner.screen('host01').drawn).toBe(drawn);
  });
});

describe('the end of a shell', () => {
  it('is told on every page after its last byte, and again where a page comes back', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    learner.attach('host01');
    const { pty } = app.provisioner.cluster.host('host01');
    pty.print('logout\r\n');
    pty.end(130);
    await learner.untilScreen('host01', ({ text }) => /^logout\r\n.*Shell ended \(130\)/s.test(text));
    using fresh = app.client();
    fresh.cookie = learner.cookie;
    await fresh.connect();
    fresh.attach('host01');
    await fresh.untilScreen('host01', ({ drawn }) => drawn === learner.screen('host01').drawn);
    expect(fresh.screen('host01').text).toBe(learner.screen('host01').text);
  });

  it('is followed by a new shell when somebody presses Enter, of the size that the page has', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    learner.attach('host01');
    learner.emit('terminal:resize', { id: 'host01', columns: 132, rows: 43 });
    const host = app.provisioner.cluster.host('host01');
    host.pty.end(0);
    await learner.untilScreen('host01', ({ text }) => text.includes('Shell ended'));
    learner.type('host01', '\r');
    const next = await host.nextPty();
    next.print('$ ');
    await learner.untilScreen('host01', ({ text }) => text.endsWith('\r\n$ '));
    learner.type('host01', 'hostname\r');
    await learner.untilScreen('host01', ({ text }) => text.endsWith('$ hostname\r\nhost01\r\n$ '));
    expect([host.pty.typed, next.sizes]).toEqual(['', [{ columns: 132, rows: 43 }]]);
  });

  it('does not stand in the way of a command: it gets a new shell, or a reason why there is none', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    learner.attach('host01');
    const host = app.provisioner.cluster.host('host01');
    host.pty.end(0);
    await learner.untilScreen('host01', ({ text }) => text.includes('Shell ended'));
    host.ptyError = new Error('no such container');
    expect(await learner.runBlock('first', 'b1')).toMatchObject({
      error: 'session_not_ready',
      message: { en: expect.stringContaining('host01'), 'zh-CN': expect.stringContaining('host01') },
    });
    await learner.untilScreen('host01', ({ text }) => text.includes('Cannot open a shell'));
    host.ptyError = null;
    const ran = learner.runBlock('first', 'b1');
    (await host.nextPty()).print('$ ');
    expect(await ran).toEqual({ terminal: 'host01' });
    await learner.untilScreen('host01', ({ text }) => text.endsWith('$ hostname\r\nhost01\r\n$ '));
  });
});

describe('a page that misbehaves', () => {
  it.each([
    ['an unknown message', 'session:end', {}],
    ['the name of an inherited property', 'constructor', {}],
    ['Node’s own error event', 'error', 'boom'],
    ['nothing', 'terminal:attach', undefined],
    ['a negative offset', 'terminal:attach', { run: RUN, id: 'host01', since: -1 }],
    ['an unknown key', 'terminal:attach', { run: RUN, id: 'host01', since: 0, extra: 1 }],
    ['a terminal that is none', 'terminal:attach', { run: RUN, id: '../host01', since: 0 }],
    ['a run that is none', 'terminal:attach', { run: '../run', id: 'host01', since: 0 }],
    ['text for bytes', 'terminal:input', { id: 'host01', data: 'ls\r' }],
    ['too many keys', 'terminal:input', { id: 'host01', data: Buffer.alloc(MAX_INPUT_BYTES + 1) }],
    ['a size of nothing', 'terminal:resize', { id: 'host01', columns: 0, rows: 24 }],
    ['a command of its own', 'block:run', { run: RUN, step: 'first', block: 'b1', command: 'rm -rf /' }],
    [
      'a step whose length is no number',
      'block:run',
      { run: RUN, step: { length: { valueOf: 0, toString: 0 } }, block: 'b1' },
    ],
    ['a command of no run', 'block:run', { step: 'first', block: 'b1' }],
    ['a wish for a shell of no run', 'terminal:open', { host: 'host01' }],
    ['the end of a shell of no run', 'terminal:close', { id: 'host01-2' }],
  ])('is refused %s, with a warning, and nothing else is harmed', async (_what, name, message) => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    learner.emitRaw(name, message);
    learner.attach('host01');
    learner.type('host01', 'hostname\r');
    await learner.untilScreen('host01', ({ text }) => text.includes('host01\r\n$ '));
    expect(app.log.text).toMatch(/bad message|unknown message/);
    expect(app.log.errors).toEqual([]);
    expect(app.provisioner.cluster.host('host01').pty.typed).toBe('hostname\r');
  });

  it.each(TRANSPORTS)(
    'is cut off for a message that is too large, and may come back ($name)',
    async ({ transports }) => {
      await using app = await startTestApp();
      using learner = app.client();
      await learner.start();
      await learner.connect({ transports });
      learner.disconnects = [];
      learner.emitRaw('terminal:input', { id: 'host01', data: Buffer.alloc(500_000) });
      await learner.untilDisconnected();
      await learner.connect({ transports });
      expect(learner.session?.status).toBe('ready');
      expect(app.provisioner.cluster.host('host01').pty.typed).toBe('');
    },
  );

  it('is cut off where it sends a frame that is none, and others go on', async () => {
    await using app = await startTestApp();
    using other = app.client();
    await other.start();
    for (const frame of ['', 'X', 'I\u0009host01', 'O\u0001a1234567']) {
      using client = app.client();
      await client.connect();
      client.sendFrame(Buffer.from(frame, 'latin1'));
      await client.untilDisconnected();
    }
    other.attach('host01');
    await other.untilShell('host01', true);
    expect(other.disconnects).toEqual([]);
  });

  it('is answered when it awaits a reply to a malformed request', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    learner.emitRaw('block:run', { step: 'first' }, resolve);
    expect(await promise).toMatchObject({ error: 'bad_request' });
  });
});

describe('an event whose name is a number', () => {
  it('is refused, and the server goes on', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    // What a browser's console can send; the type of the client does not allow it.
    // oxlint-disable-next-line typescript/unbound-method
    Reflect.apply(learner.emitRaw, learner, [5]);
    learner.attach('host01');
    learner.type('host01', 'hostname\r');
    await learner.untilScreen('host01', ({ text }) => text.includes('host01\r\n$ '));
    expect(app.log.text).toContain('unknown message');
  });
});

describe('the size of a terminal', () => {
  it('is what the page says', async () => {
    await using app = await startTestApp();
    using learner = app.client();
    await learner.start();
    learner.attach('host02');
    learner.emit('terminal:resize', { id: 'host02', columns: 132, rows: 43 });
    expect(await learner.runBlock('first', 'b1')).toEqual({ terminal: 'host01' });
    expect(app.provisioner.cluster.host('host02').pty.sizes.at(-1)).toEqual({ columns: 132, rows: 43 });
  });
});
