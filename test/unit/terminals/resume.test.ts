import { describe, expect, it } from 'vitest';
import { OutputLog } from '../../../server/terminals/output-log.ts';
import { Terminal } from '../../../server/terminals/terminal.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { FakePty } from '../../support/fake-pty.ts';
import { RecordingViewer } from '../../support/recording-viewer.ts';

/** What a server has of a terminal: its host, its log, and how it is opened. */
function place(log = new OutputLog()) {
  const host = new FakeHost('host01');
  const errors: unknown[] = [];
  const options = {
    id: 'host01' as const,
    host: 'host01' as const,
    open: () => host.openPty({ columns: 80, rows: 24 }),
    onError: (error: unknown) => void errors.push(error),
    log,
  };
  return { host, log, options, errors };
}

function attach(terminal: Terminal, since = 0): RecordingViewer {
  const viewer = new RecordingViewer(terminal);
  terminal.attach(viewer, since);
  return viewer;
}

/** A shell as another server finds it, from byte `from` of its output. */
function found(from: number): FakePty {
  const pty = new FakePty();
  pty.from = from;
  return pty;
}

describe('a terminal that is left', () => {
  it('lets its shell run on and says where it is found, with all that it printed so far in the log', async () => {
    const { host, log, options, errors } = place();
    const terminal = await Terminal.open(options);
    const viewer = attach(terminal);
    host.pty.print('$ sleep 1000');
    expect(await terminal.leave()).toEqual({ id: host.pty.id, log: log.id, origin: 0 });
    expect([host.pty.detached, host.pty.disposed, log.end, viewer.bytes.toString()]).toEqual([
      true,
      false,
      12,
      '$ sleep 1000',
    ]);
    terminal.input(Buffer.from('\r'));
    expect([host.asked, errors, terminal.shell]).toEqual([1, [], null]);
  });

  it('counts from the first byte of its newest shell', async () => {
    const { host, log, options } = place();
    const terminal = await Terminal.open(options);
    const viewer = attach(terminal);
    host.pty.print('first');
    host.pty.end(0);
    await viewer.until(({ bytes }) => bytes.includes('Enter'));
    const origin = log.end;
    terminal.input(Buffer.from('\r'));
    const next = await host.nextPty();
    next.print('$ ');
    await viewer.until(({ end }) => end === origin + 2);
    expect(terminal.shell).toEqual({ id: next.id, log: log.id, origin });
    expect(log.end - origin).toBe(2);
  });
});

describe('a terminal that is resumed', () => {
  it('goes on in the log of the one before, byte for byte', async () => {
    const { log, options } = place(new OutputLog({ limit: 1_000, chunkSize: 16, start: 50 }));
    log.append(Buffer.from('what was: 主'));
    const pty = found(33);
    const terminal = Terminal.resume(options, pty, 33);
    const viewer = attach(terminal, 55);
    pty.print('机');
    await viewer.until(({ bytes }) => bytes.includes('机'));
    expect([viewer.from, viewer.bytes.toString()]).toEqual([55, 'was: 主机']);
    expect(terminal.shell).toEqual({ id: pty.id, log: log.id, origin: 50 + 13 - 33 });
    terminal.input(Buffer.from('ls\r'));
    expect(pty.typed).toBe('ls\r');
  });

  it('knows what was printed before, also of what is still on its way', async () => {
    const { log, options } = place(new OutputLog({ start: 50 }));
    const pty = found(0);
    pty.printed = 6;
    const terminal = Terminal.resume(options, pty, 0);
    expect([log.end, terminal.end]).toEqual([50, 56]);
    pty.print('before');
    pty.print('new');
    await attach(terminal).until(({ bytes }) => bytes.includes('new'));
    expect([log.end, terminal.end]).toEqual([59, 59]);
  });

  it('gives who has seen some of what is still on its way the rest, once it has come', async () => {
    const { options } = place(new OutputLog({ start: 50 }));
    const pty = found(0);
    pty.printed = 10;
    const terminal = Terminal.resume(options, pty, 0);
    const viewer = attach(terminal, 57);
    pty.print('what');
    pty.print(' was: ');
    pty.print('new');
    await viewer.until(({ bytes }) => bytes.includes('new'));
    expect([viewer.from, viewer.bytes.toString()]).toEqual([57, 's: new']);
    // More than there is is none of its numbers.
    expect(attach(terminal, 100).from).toBe(50);
  });

  it('says how much is missing where the shell printed more than was kept', async () => {
    const { log, options } = place();
    log.append(Buffer.from('before'));
    const pty = found(1_000);
    const terminal = Terminal.resume(options, pty, 6);
    const viewer = attach(terminal);
    pty.print('after');
    await viewer.until(({ bytes }) => bytes.includes('after'));
    expect(viewer.bytes.toString()).toMatch(/^before.\r\n.*994 bytes .*994 字节.*\r\nafter$/);
    const { origin } = terminal.shell ?? { origin: NaN };
    // Found again from here, nothing is asked for twice.
    expect(log.end - origin).toBe(1_005);
  });

  it('is told to have no shell where that has ended unseen, and opens the next one on Enter', async () => {
    const { host, options } = place();
    const terminal = Terminal.resume(options, null, 0);
    const viewer = attach(terminal);
    expect(viewer.bytes.toString()).toContain('Press Enter for a new one.');
    expect([terminal.alive, terminal.shell]).toEqual([false, null]);
    terminal.input(Buffer.from('\r'));
    await new Promise((resolve) => setImmediate(resolve));
    host.pty.print('$ ');
    await viewer.until(({ bytes }) => bytes.toString().endsWith('$ '));
  });
});
