import { afterEach, describe, expect, it, vi } from 'vitest';
import { OutputLog } from '../../../server/terminals/output-log.ts';
import { INTERRUPT_TIMEOUT_MS, PATIENCE_MS, Terminal } from '../../../server/terminals/terminal.ts';
import type { Attached } from '../../../server/terminals/viewer-window.ts';
import type { Viewer } from '../../../server/terminals/viewer.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { seededRandom } from '../../support/random.ts';
import { RecordingViewer } from '../../support/recording-viewer.ts';
import { settled } from '../../support/settled.ts';

type Sizes = { limit?: number; chunk?: number; window?: number };

async function open({ limit = 64 * 1024, chunk = 16, window = 100 }: Sizes = {}) {
  const host = new FakeHost('host01');
  const errors: unknown[] = [];
  const attached: Attached[] = [];
  const terminal = await Terminal.open({
    id: 'host01',
    host: 'host01',
    open: (size) => host.openPty(size),
    onError: (error) => errors.push(error),
    log: new OutputLog({ limit, chunkSize: chunk }),
    window: (viewer) => {
      attached.push(viewer);
      return { size: window, given: () => undefined, drawn: () => undefined };
    },
  });
  return { host, pty: host.pty, terminal, errors, attached };
}

function attach(terminal: Terminal, since: number, options?: { drawing: boolean }): RecordingViewer {
  const viewer = new RecordingViewer(terminal, options);
  terminal.attach(viewer, since);
  return viewer;
}

/** Text whose every ten bytes differ, so that a gap or a repetition shows. */
const counted = (length: number) =>
  Array.from({ length: Math.ceil(length / 10) }, (_, i) => String(i).padStart(9, '.') + '|')
    .join('')
    .slice(0, length);

describe('a terminal', () => {
  it('keeps what is printed while nobody looks, and gives it to who comes later', async () => {
    const { pty, terminal } = await open();
    pty.print(counted(5_000));
    await pty.drained();
    const viewer = attach(terminal, 0);
    await viewer.until(({ end }) => end === 5_000);
    expect(viewer.bytes.toString()).toBe(counted(5_000));
  });

  it('gives a viewer attached from byte N nothing before N and everything after', async () => {
    const { pty, terminal } = await open();
    pty.print('0123456789');
    await pty.drained();
    const viewer = attach(terminal, 4);
    pty.print('abc');
    await viewer.until(({ end }) => end === 13);
    expect([viewer.from, viewer.bytes.toString()]).toEqual([4, '456789abc']);
  });

  it('shows the same bytes to a viewer that cuts off anywhere and attaches again where it stopped', async () => {
    const text = '┌─ 主机就绪 ✅ 🚢 ─┐\r\n'.repeat(12);
    const all = Buffer.from(text);
    for (let cut = 0; cut <= all.byteLength; cut++) {
      const { pty, terminal } = await open({ chunk: 7, window: 50 });
      const first = attach(terminal, 0);
      pty.print(all.subarray(0, cut));
      if (cut > 0) await first.until(({ end }) => end === cut);
      terminal.detach(first);
      pty.print(all.subarray(cut));
      const second = attach(terminal, first.end);
      if (cut < all.byteLength) await second.until(({ end }) => end === all.byteLength);
      expect(Buffer.concat([first.bytes, second.bytes]).toString()).toBe(text);
    }
  });

  it.each([1, 2, 3, 4, 5])(
    'gives every viewer one unbroken stream, however they come, draw and go (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const { pty, terminal } = await open({ chunk: 32, window: 200 });
      const all = Buffer.from(counted(20_000));
      let viewers: RecordingViewer[] = [];
      for (let at = 0; at < all.byteLength;) {
        const size = 1 + random(400);
        pty.print(all.subarray(at, at + size));
        at += size;
        const since = random(at);
        if (random(3) === 0) viewers.push(attach(terminal, since, { drawing: random(2) === 0 }));
        for (const viewer of viewers) if (random(2) === 0) viewer.draw();
        if (random(5) === 0) viewers.splice(0, 1).forEach((viewer) => terminal.detach(viewer));
        // Lets the terminal's reader run for as many turns as chance has it.
        for (let turns = random(4); turns > 0; turns--) await Promise.resolve();
      }
      for (const viewer of viewers) {
        viewer.drawing = true;
        viewer.draw();
      }
      viewers = [...viewers, attach(terminal, 0)];
      await Promise.all(viewers.map((viewer) => viewer.until(({ end }) => end === all.byteLength)));
      for (const viewer of viewers) {
        expect(viewer.bytes.equals(all.subarray(viewer.from ?? all.byteLength))).toBe(true);
      }
    },
  );

  it('hands on each piece of output at once, without waiting for more', async () => {
    const { pty, terminal } = await open();
    const viewer = attach(terminal, 0, { drawing: false });
    for (const [index, piece] of ['$', ' ', 'l', 's'].entries()) {
      pty.print(piece);
      // Turns of the reader only: no timer goes off, and nothing else is printed.
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      expect([viewer.end, viewer.messages]).toEqual([index + 1, index + 1]);
    }
  });

  it('starts a viewer whose number is beyond the end with everything kept', async () => {
    const { pty, terminal } = await open();
    pty.print('new shell');
    await pty.drained();
    const viewer = attach(terminal, 40_000);
    expect([viewer.from, viewer.bytes.toString()]).toEqual([0, 'new shell']);
  });

  it('says by the first byte’s number what it no longer keeps', async () => {
    const { pty, terminal } = await open({ limit: 64, chunk: 16 });
    pty.print(counted(1_000));
    await pty.drained();
    const viewer = attach(terminal, 10);
    expect(viewer.from).toBeGreaterThanOrEqual(1_000 - 64);
    expect(viewer.from).toBeLessThan(1_000 - 64 + 16);
    expect(viewer.bytes.toString()).toBe(counted(1_000).slice(viewer.from ?? 0));
  });
});

describe('the size of a terminal', () => {
  const sized = (columns: number) => ({ columns, rows: 24 });

  it('is told once at a time: of several that come meanwhile the newest, and nothing where it is the same', async () => {
    const { pty, terminal } = await open();
    const { promise, resolve } = Promise.withResolvers<void>();
    pty.resized = promise;
    const told = [81, 82, 83, 84].map((columns) => terminal.resize(sized(columns)));
    expect(pty.sizes).toEqual([sized(80), sized(81)]);
    resolve();
    await Promise.all(told);
    expect(pty.sizes).toEqual([sized(80), sized(81), sized(84)]);
    await terminal.resize(sized(84));
    expect(pty.sizes).toHaveLength(3);
  });

  it('can be told again after an engine has refused it', async () => {
    const { pty, terminal } = await open();
    pty.resized = Promise.reject(new Error('engine gone'));
    await expect(terminal.resize(sized(81))).rejects.toThrow('engine gone');
    pty.resized = Promise.resolve();
    await terminal.resize(sized(82));
    expect(pty.sizes.at(-1)).toEqual(sized(82));
  });
});

describe('flow control', () => {
  /** Bytes taken of a shell that prints twenty at a time when a window of a hundred has been passed. */
  const HELD_BACK_AT = 120;

  it('holds the shell back once a viewer lags more than a window, and goes on as it draws', async () => {
    const { pty, terminal } = await open({ window: 100 });
    const viewer = attach(terminal, 0, { drawing: false });
    for (let i = 0; i < 50; i++) pty.print(counted(20));
    await settled();
    expect([viewer.end, pty.taken]).toEqual([100, HELD_BACK_AT]);
    viewer.drawing = true;
    viewer.draw();
    await viewer.until(({ end }) => end === 1_000);
    expect(pty.taken).toBe(1_000);
  });

  it('lets a slow viewer hold back the shell but not what others get of it', async () => {
    const { pty, terminal } = await open({ window: 100 });
    const slow = attach(terminal, 0, { drawing: false });
    const quick = attach(terminal, 0);
    for (let i = 0; i < 50; i++) pty.print(counted(20));
    await settled();
    expect([slow.end, quick.end, pty.taken]).toEqual([100, HELD_BACK_AT, HELD_BACK_AT]);
    terminal.detach(slow);
    await quick.until(({ end }) => end === 1_000);
  });

  it('reads on when the viewer that held it back goes away', async () => {
    const { pty, terminal } = await open({ window: 100 });
    const viewer = attach(terminal, 0, { drawing: false });
    for (let i = 0; i < 50; i++) pty.print(counted(20));
    await settled();
    expect(pty.taken).toBe(HELD_BACK_AT);
    terminal.detach(viewer);
    await pty.drained();
    expect(pty.taken).toBe(1_000);
  });

  describe('with one of two tabs in the background', () => {
    afterEach(() => void vi.useRealTimers());

    /** A shell that prints far more than a window, a tab in front, and one that draws nothing by itself. */
    async function openBoth() {
      vi.useFakeTimers();
      const opened = await open({ window: 100 });
      const front = attach(opened.terminal, 0);
      const back = attach(opened.terminal, 0, { drawing: false });
      for (let i = 0; i < 500; i++) opened.pty.print(counted(20));
      await vi.advanceTimersByTimeAsync(0);
      return { ...opened, front, back };
    }

    it('waits for it for a while, and then no more', async () => {
      const { pty, front } = await openBoth();
      await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1);
      expect(front.end).toBeLessThan(200);
      await vi.advanceTimersByTimeAsync(1);
      expect([front.end, pty.taken]).toEqual([10_000, 10_000]);
    });

    it('also where it draws a little now and then', async () => {
      const { terminal, front, back } = await openBoth();
      for (let waited = 0; waited < PATIENCE_MS; waited += 500) {
        expect(front.end).toBeLessThan(1_000);
        await vi.advanceTimersByTimeAsync(500);
        terminal.ack(back, back.end - 60);
      }
      await vi.advanceTimersByTimeAsync(0);
      expect(front.end).toBe(10_000);
    });

    it('lets it count again once it has drawn everything, having missed nothing', async () => {
      const { pty, front, back } = await openBoth();
      await vi.advanceTimersByTimeAsync(PATIENCE_MS);
      for (let frames = 0; frames < 200; frames++) back.draw();
      expect(back.bytes.equals(front.bytes)).toBe(true);
      for (let i = 0; i < 500; i++) pty.print(counted(20));
      await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1);
      expect(front.end).toBeLessThan(10_200);
    });
  });

  it('keeps no process from ending', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const { pty, terminal } = await open({ window: 100 });
    const viewer = attach(terminal, 0, { drawing: false });
    for (let i = 0; i < 50; i++) pty.print(counted(20));
    await viewer.until(({ end }) => end >= 100);
    await new Promise((resolve) => setImmediate(resolve));
    expect(pty.taken).toBeLessThan(1_000);
    expect(timers()).toBe(before);
  });

  it('waits without end where nobody current would have more', async () => {
    vi.useFakeTimers();
    const { pty, terminal } = await open({ window: 100 });
    const viewers = [1, 2].map(() => attach(terminal, 0, { drawing: false }));
    for (let i = 0; i < 50; i++) pty.print(counted(20));
    await vi.advanceTimersByTimeAsync(10 * PATIENCE_MS);
    vi.useRealTimers();
    expect(pty.taken).toBeLessThanOrEqual(140);
    for (const viewer of viewers) viewer.drawing = true;
    for (const viewer of viewers) viewer.draw();
    await Promise.all(viewers.map((viewer) => viewer.until(({ end }) => end === 1_000)));
  });

  it('never gives a viewer more than a window and a chunk ahead of what it has drawn', async () => {
    const { pty, terminal } = await open({ window: 100, chunk: 16 });
    pty.print(counted(5_000));
    await pty.drained();
    const viewer = attach(terminal, 0, { drawing: false });
    expect(viewer.end).toBeGreaterThanOrEqual(100);
    expect(viewer.end).toBeLessThan(100 + 16);
    terminal.ack(viewer, 50);
    expect(viewer.end).toBeGreaterThanOrEqual(150);
    expect(viewer.end).toBeLessThan(150 + 16);
  });

  it('measures of each viewer what it cannot have had before', async () => {
    const { pty, terminal, attached } = await open();
    pty.print(counted(500));
    await pty.drained();
    terminal.detach(attach(terminal, 0));
    attach(terminal, 400);
    expect(attached).toEqual([
      { since: 0, end: 500 },
      { since: 400, end: 500 },
    ]);
  });

  it('believes no viewer that claims to have drawn what it was not given', async () => {
    const { pty, terminal } = await open({ window: 100, chunk: 16 });
    pty.print(counted(5_000));
    await pty.drained();
    const viewer = attach(terminal, 0, { drawing: false });
    const given = viewer.end;
    terminal.ack(viewer, 1_000_000);
    expect(viewer.end).toBeGreaterThan(given);
    expect(viewer.end).toBeLessThan(given + 100 + 16);
  });

  it('gives bytes in their order to a viewer that acks before it looks at them', async () => {
    const { pty, terminal } = await open({ window: 100, chunk: 16 });
    pty.print(counted(5_000));
    await pty.drained();
    const seen: number[] = [];
    const hasty: Viewer = {
      output(from, data) {
        terminal.ack(hasty, from + data.byteLength);
        seen.push(from);
      },
      lagged() {},
    };
    terminal.attach(hasty, 0);
    expect(seen).toHaveLength(Math.ceil(5_000 / 16));
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
  });

  it('does not make others wait for a viewer that still catches up with old output', async () => {
    const { pty, terminal } = await open({ window: 100 });
    pty.print(counted(5_000));
    await pty.drained();
    const learner = attach(terminal, 5_000);
    attach(terminal, 0, { drawing: false });
    for (let i = 0; i < 50; i++) pty.print(counted(20));
    await learner.until(({ end }) => end === 6_000);
    expect(pty.taken).toBe(6_000);
  });

  it('waits for the only viewer while it catches up, so that it loses nothing', async ({ signal }) => {
    const { pty, terminal } = await open({ limit: 2_000, window: 100 });
    pty.print(counted(1_500));
    await pty.drained();
    const viewer = attach(terminal, 0, { drawing: false });
    for (let i = 0; i < 500; i++) pty.print(counted(20));
    // One that has lagged is given nothing more, and this test's own time may run out.
    while (viewer.end < 11_500 && viewer.lags === 0 && !signal.aborted) {
      viewer.draw();
      await settled();
    }
    expect([viewer.from, viewer.end, viewer.lags]).toEqual([0, 11_500, 0]);
  });

  it('detaches a viewer that catches up too slowly for the log, and shows it the gap when it attaches again', async () => {
    const { pty, terminal } = await open({ limit: 1_000, window: 100 });
    pty.print(counted(900));
    await pty.drained();
    const learner = attach(terminal, 900);
    const late = attach(terminal, 0, { drawing: false });
    for (let i = 0; i < 500; i++) pty.print(counted(20));
    await learner.until(({ end }) => end === 10_900);
    expect(late.lags).toBe(1);
    const again = attach(terminal, late.end);
    await again.until(({ end }) => end === 10_900);
    expect(again.from).toBeGreaterThan(late.end);
  });
});

describe('typing a command', () => {
  afterEach(() => void vi.useRealTimers());

  it('sends it with Enter', async () => {
    const { pty, terminal } = await open();
    await terminal.type('one\ntwo', { interrupt: false });
    expect(pty.typed).toBe('one\rtwo\r');
  });

  it('waits after Ctrl-C until the shell has shown it, for the shell would throw the command away', async () => {
    const { pty, terminal } = await open();
    const typed = terminal.type('ls', { interrupt: true });
    await settled();
    pty.print('still running\r\n');
    await settled();
    expect(pty.typed).toBe('\x03');
    pty.print('^C\r\n$ ');
    await typed;
    expect(pty.typed).toBe('\x03ls\r');
  });

  it('does not take for it what was printed before', async () => {
    const { pty, terminal } = await open();
    pty.print('^C\r\n$ ');
    await pty.drained();
    const typed = terminal.type('ls', { interrupt: true });
    await settled();
    // Whoever had seen the old ^C would take this for the prompt behind it.
    pty.print('still running\r\n');
    await settled();
    expect(pty.typed).toBe('\x03');
    pty.print('^C\r\n$ ');
    await typed;
    expect(pty.typed).toBe('\x03ls\r');
  });

  it('presses Ctrl-C once more where nothing shows it, and then types anyway', async () => {
    vi.useFakeTimers();
    const { pty, terminal } = await open();
    const typed = terminal.type(':q', { interrupt: true });
    await vi.advanceTimersByTimeAsync(INTERRUPT_TIMEOUT_MS - 1);
    expect(pty.typed).toBe('\x03');
    await vi.advanceTimersByTimeAsync(1);
    expect(pty.typed).toBe('\x03\x03');
    await vi.advanceTimersByTimeAsync(INTERRUPT_TIMEOUT_MS);
    await typed;
    expect(pty.typed).toBe('\x03\x03:q\r');
  });

  it('keeps the order of commands, one of which waits', async () => {
    const { pty, terminal } = await open();
    const both = [terminal.type('one', { interrupt: true }), terminal.type('two', { interrupt: false })];
    await settled();
    expect(pty.typed).toBe('\x03');
    pty.print('^C\r\n$ ');
    await Promise.all(both);
    expect(pty.typed).toBe('\x03one\rtwo\r');
  });

  it('gives up when the shell ends instead', async () => {
    const { host, pty, terminal } = await open();
    const typed = terminal.type('ls', { interrupt: true });
    await settled();
    pty.end(0);
    expect(await typed).toBe(false);
    expect([pty.typed, host.asked]).toEqual(['\x03', 1]);
  });
});

/** The text of a terminal as people read it, without the sequences that colour and reset it. */
const read = ({ bytes }: RecordingViewer) =>
  // oxlint-disable-next-line no-control-regex
  bytes.toString().replaceAll(/\x18|\x1b\[[^a-zA-Z]*[a-zA-Z]/g, '');
const shows = (viewer: RecordingViewer, text: string) => viewer.until((seen) => read(seen).includes(text));
const ENDED = 'Press Enter for a new one.';
const ENTER = Buffer.from('\r');

describe('the end of a shell', () => {
  it('is told in the output, dim, on one line, in either language and with its exit code', async () => {
    const { pty, terminal } = await open();
    const viewer = attach(terminal, 0);
    pty.print('logout\r\n');
    pty.end(7);
    await shows(viewer, ENDED);
    expect(read(viewer)).toBe(
      'logout\r\n\r\nShell ended (7). Press Enter for a new one. Shell 已退出，按 Enter 重新打开。\r\n',
    );
    expect(viewer.bytes.toString()).toContain('\x1b[2mShell ended');
  });

  it('is told after the last byte, the same to a viewer that draws slowly and to one that comes late', async () => {
    const { pty, terminal } = await open({ window: 100 });
    const slow = attach(terminal, 0, { drawing: false });
    pty.print(counted(90));
    pty.print(counted(300));
    pty.end(7);
    await settled();
    expect(slow.end).toBeGreaterThanOrEqual(100);
    expect(read(slow)).not.toContain(ENDED);
    slow.drawing = true;
    slow.draw();
    await shows(slow, ENDED);
    const late = attach(terminal, 0);
    expect(late.bytes.equals(slow.bytes)).toBe(true);
    expect(late.bytes.subarray(0, 390).toString()).toBe(counted(90) + counted(300));
  });

  it('is told where the output broke off, and its cause to the terminal’s owner', async () => {
    const { pty, terminal, errors } = await open();
    const viewer = attach(terminal, 0);
    pty.print('half');
    pty.breakOff(new Error('engine gone'));
    await shows(viewer, ENDED);
    expect(read(viewer)).toMatch(/^half\r\nShell ended\. Press Enter/);
    expect(errors).toEqual([new Error('engine gone')]);
  });

  it('comes with disposal, also while a viewer holds the shell back, and no other shell is offered', async () => {
    const { host, pty, terminal } = await open({ window: 100 });
    const viewer = attach(terminal, 0, { drawing: false });
    for (let i = 0; i < 50; i++) pty.print(counted(20));
    await settled();
    expect(pty.taken).toBeLessThan(1_000);
    await terminal[Symbol.asyncDispose]();
    viewer.drawing = true;
    viewer.draw();
    await viewer.until(({ end }) => end === 1_000);
    terminal.input(ENTER);
    expect(await terminal.type('ls', { interrupt: false })).toBe(false);
    await settled();
    expect([pty.disposed, host.asked, viewer.end]).toEqual([true, 1, 1_000]);
  });
});

describe('a terminal whose shell has ended', () => {
  async function openEnded() {
    const opened = await open();
    const viewer = attach(opened.terminal, 0);
    opened.pty.end(0);
    await shows(viewer, ENDED);
    return { ...opened, viewer };
  }

  it('opens a new one on Enter, which goes on in the same log', async () => {
    const { host, terminal, viewer } = await openEnded();
    const end = viewer.end;
    terminal.input(ENTER);
    const next = await host.nextPty();
    next.print('$ ');
    await viewer.until((seen) => seen.end === end + 2);
    terminal.input(Buffer.from('ls\r'));
    expect([next.typed, terminal.alive]).toEqual(['ls\r', true]);
  });

  it('opens none by itself nor on other keys, however often its shells end', async () => {
    const { host, terminal, viewer } = await openEnded();
    terminal.input(Buffer.from('ls'));
    terminal.input(ENTER);
    (await host.nextPty()).end(1);
    await shows(viewer, 'Shell ended (1)');
    terminal.input(Buffer.from('\x04'));
    await settled();
    expect([host.asked, terminal.alive]).toEqual([2, false]);
  });

  it('opens one shell for several who press Enter at once', async () => {
    const { host, terminal } = await openEnded();
    terminal.input(ENTER);
    terminal.input(ENTER);
    await host.nextPty();
    terminal.input(ENTER);
    await settled();
    expect(host.asked).toBe(2);
  });

  it('opens one for a command, and types it once the new shell has shown its prompt', async () => {
    const { host, pty, terminal } = await openEnded();
    const typed = terminal.type('ls', { interrupt: true });
    const next = await host.nextPty();
    await settled();
    expect(next.typed).toBe('');
    next.print('$ ');
    expect(await typed).toBe(true);
    // Nothing runs in a new shell that Ctrl-C would have to stop.
    expect([pty.typed, next.typed]).toEqual(['', 'ls\r']);
  });

  it('says so of a command whose new shell ends before it reads', async () => {
    const { host, terminal } = await openEnded();
    const typed = terminal.type('ls', { interrupt: false });
    const next = await host.nextPty();
    next.end(1);
    expect(await typed).toBe(false);
    expect([next.typed, host.asked]).toEqual(['', 2]);
  });

  it('gives the new one the size that the terminal has come to meanwhile', async () => {
    const { host, pty, terminal } = await openEnded();
    await terminal.resize({ columns: 100, rows: 30 });
    terminal.input(ENTER);
    await terminal.resize({ columns: 120, rows: 40 });
    const next = await host.nextPty();
    await settled();
    expect(pty.sizes).toEqual([{ columns: 80, rows: 24 }]);
    expect(next.sizes.at(-1)).toEqual({ columns: 120, rows: 40 });
  });

  it('says that none can be opened, keeps the cause for its owner, and tries again on the next Enter', async () => {
    const { host, terminal, viewer, errors } = await openEnded();
    host.ptyError = new Error('no such container');
    terminal.input(ENTER);
    await shows(viewer, 'Cannot open a shell. Press Enter to try again.');
    expect(await terminal.type('ls', { interrupt: false })).toBe(false);
    expect([terminal.alive, host.asked]).toEqual([false, 3]);
    expect(errors).toEqual([host.ptyError, host.ptyError]);
    host.ptyError = null;
    terminal.input(ENTER);
    (await host.nextPty()).print('back again');
    await shows(viewer, 'back again');
  });

  it('leaves no shell behind that opens while the terminal is disposed', async () => {
    const { host, terminal } = await openEnded();
    terminal.input(ENTER);
    await terminal[Symbol.asyncDispose]();
    expect(host.ptys.map(({ disposed }) => disposed)).toEqual([true, true]);
  });

  it('rejects where not even the first can be opened', async () => {
    const gone = Terminal.open({
      id: 'host01',
      host: 'host01',
      open: () => Promise.reject(new Error('no such container')),
    });
    await expect(gone).rejects.toThrow('no such container');
  });
});
