import { INITIAL_PTY_SIZE, type Pty, type PtySize, type ShellFault } from '../clusters/cluster.ts';
import type { HostName, LogId, TerminalId } from '../protocol/index.ts';
import { InterruptWatch } from './interrupt-watch.ts';
import { NO_SHELL, outputMissing, shellCutOff, shellEnded } from './notices.ts';
import { OutputLog } from './output-log.ts';
import { INTERRUPT, typedText } from './typed-text.ts';
import type { Viewer } from './viewer.ts';
import { MeasuredWindow, type Attached, type ViewerWindow } from './viewer-window.ts';

/**
 * How long one current viewer may make others wait, in all, before it has drawn everything again. A browser lets a
 * tab in the background draw once a second or less.
 */
export const PATIENCE_MS = 2_000;

/**
 * How long Ctrl-C may go unseen before it is pressed again, and then before the command is typed anyway: there
 * are programs that show nothing of it.
 */
export const INTERRUPT_TIMEOUT_MS = 1_000;

const ENTER = 0x0d;

export type TerminalOptions = {
  id: TerminalId;
  host: HostName;
  /** Opens a shell on the host; rejects where there is none to be had. */
  open: (size: PtySize) => Promise<Pty>;
  /** Why a shell ended with a code that is its connection's; null where that is its own. */
  faultOf?: (code: number | null) => ShellFault | null;
  /** Told why a shell broke off or a new one could not be opened; viewers are told only that it is so. */
  onError?: (error: unknown) => void;
  /** Told when another shell has taken the place of the last one; see `shell`. */
  onShell?: () => void;
  /** Told whenever the shell has printed something. */
  onOutput?: () => void;
  log?: OutputLog;
  /** Of each viewer that attaches; measured unless told. */
  window?: (attached: Attached) => ViewerWindow;
};

/** Where a shell is found again: `Host.attachPty(id, log.end - origin)`. */
export type ShellPlace = {
  id: string;
  /** The terminal's log. */
  log: LogId;
  /** The number in it of the shell's very first byte; below 0 where output is missing. */
  origin: number;
};

type Shell = {
  readonly pty: Pty;
  /** The size that it was told last; null of one that is found again, until a viewer says what it should be. */
  size: PtySize | null;
  readonly origin: number;
  /** Resolves with the first output, by which the shell reads what is typed, or with the end. */
  readonly greeted: Promise<void>;
  /** Resolves when the shell has ended and its output has been kept. */
  readonly ended: Promise<void>;
};

type Cursor = {
  /** The number of the next byte to give. */
  sent: number;
  /** Everything before this number has been drawn. */
  drawn: number;
  /** Whether it has come within a window of the newest output since it was attached or made others wait too long. */
  current: boolean;
  /** For how long others have waited for it, in milliseconds, since it had last drawn everything. */
  awaited: number;
  giving: boolean;
  readonly window: ViewerWindow;
};

/**
 * A host's terminal: one shell at a time, and everything that was printed. Where a shell has ended, Enter or a
 * command opens the next one; nothing else does, so that one that ends at once is not opened without end. Any
 * number of viewers look at it, each from a byte of its choice: reconnecting, a second tab and looking on are
 * the same thing.
 *
 * Nobody looking: output is read and kept. Otherwise the shell is read only as fast as the slowest *current*
 * viewer draws. One that is still catching up with older output holds back nobody else's shell, only one that
 * nobody current looks at; where the log runs past it, it is detached. A current one that makes others wait for
 * long has to catch up, too, before it counts again.
 */
export class Terminal implements AsyncDisposable {
  readonly id: TerminalId;
  readonly host: HostName;
  readonly #open: (size: PtySize) => Promise<Pty>;
  readonly #faultOf: (code: number | null) => ShellFault | null;
  readonly #onError: (error: unknown) => void;
  readonly #onShell: () => void;
  readonly #onOutput: () => void;
  readonly #log: OutputLog;
  readonly #window: (attached: Attached) => ViewerWindow;
  readonly #viewers = new Map<Viewer, Cursor>();
  /** Everything before this number was printed before its shell was found again, and is still on its way at first. */
  #found = 0;
  #size = INITIAL_PTY_SIZE;
  /** The newest shell, whether or not it has ended. */
  #shell: Shell | null = null;
  #alive = false;
  #opening: Promise<void> | null = null;
  #resizing: Promise<void> | null = null;
  #disposed = false;
  #typing: Promise<void> = Promise.resolve();
  #resume: (() => void) | null = null;

  private constructor({ id, host, open, faultOf, onError, onShell, onOutput, log, window }: TerminalOptions) {
    this.id = id;
    this.host = host;
    this.#open = open;
    this.#faultOf = faultOf ?? (() => null);
    this.#onError = onError ?? (() => {});
    this.#onShell = onShell ?? (() => {});
    this.#onOutput = onOutput ?? (() => {});
    this.#log = log ?? new OutputLog();
    this.#window = window ?? ((attached) => new MeasuredWindow(attached));
  }

  /** A terminal with its first shell. Rejects with what `options.open` rejects with. */
  static async open(options: TerminalOptions): Promise<Terminal> {
    const terminal = new Terminal(options);
    const size = terminal.#size;
    terminal.#run(await options.open(size), size);
    return terminal;
  }

  /**
   * A terminal over a shell that outlived the one before: `options.log` has what was printed there, and `pty` was
   * attached from byte `since`. What is missing in between is told in the log; so is the end of a shell that is
   * gone (null).
   */
  static resume(options: TerminalOptions, pty: Pty | null, since: number): Terminal {
    const terminal = new Terminal(options);
    if (pty === null) terminal.#print(shellEnded(null));
    else {
      if (pty.from > since) terminal.#print(outputMissing(pty.from - since));
      terminal.#run(pty, null);
    }
    return terminal;
  }

  /** The running shell's place, which stays the same until it ends; null while none runs. */
  get shell(): ShellPlace | null {
    return this.#alive && this.#shell !== null
      ? { id: this.#shell.pty.id, log: this.log, origin: this.#shell.origin }
      : null;
  }

  /** Names the log that bytes of output are numbered in. */
  get log(): LogId {
    return this.#log.id;
  }

  /** The number that the next byte of output will have that nobody has seen: what comes before is old. */
  get end(): number {
    return Math.max(this.#log.end, this.#found);
  }

  /** Whether keys reach a shell. */
  get alive(): boolean {
    return this.#alive && !this.#disposed;
  }

  /**
   * Give `viewer` everything kept from byte `since`, then what is printed. A viewer already attached starts
   * anew from there. A number beyond the end is none of this terminal's: it gets everything kept.
   */
  attach(viewer: Viewer, since: number): void {
    const from = since > this.end ? this.#log.start : Math.max(since, this.#log.start);
    const window = this.#window({ since, end: this.#log.end });
    const cursor = { sent: from, drawn: from, current: false, awaited: 0, giving: false, window };
    this.#viewers.set(viewer, cursor);
    this.#give(viewer, cursor);
    this.#reconsider();
  }

  detach(viewer: Viewer): void {
    if (this.#viewers.delete(viewer)) this.#reconsider();
  }

  /** `viewer` has drawn everything before byte `through`. */
  ack(viewer: Viewer, through: number): void {
    const cursor = this.#viewers.get(viewer);
    if (cursor === undefined) return;
    cursor.drawn = Math.max(cursor.drawn, Math.min(through, cursor.sent));
    cursor.window.drawn(cursor.drawn);
    this.#give(viewer, cursor);
    this.#reconsider();
  }

  /** Keys as a terminal encodes them. Where the shell has ended they are lost, but Enter opens a new one. */
  input(data: Uint8Array): void {
    if (this.alive) this.#shell?.pty.write(data);
    else if (data.includes(ENTER)) void this.#reopen();
  }

  /**
   * Type a command and Enter, where told after Ctrl-C; where the shell has ended, into a new one. Commands are
   * typed one after another. Resolves when this one has been, or with false where no shell took it.
   */
  async type(text: string, { interrupt }: { interrupt: boolean }): Promise<boolean> {
    const before = this.#typing;
    const typed = Promise.withResolvers<void>();
    this.#typing = typed.promise;
    await before;
    try {
      if (!this.alive) {
        await this.#reopen();
        if (this.alive) await this.#shell?.greeted;
      } else if (interrupt) await this.#interrupt();
      if (!this.alive) return false;
      this.input(typedText(text));
      return true;
    } finally {
      typed.resolve();
    }
  }

  /**
   * Tell the shell, and those after it, how large the terminal is. Sizes are told one after another, and of those
   * that come meanwhile only the newest.
   */
  async resize(size: PtySize): Promise<void> {
    this.#size = size;
    if (this.#untold() !== null) await (this.#resizing ??= this.#tellSize());
  }

  /** Ends the shell; there will be no other. Viewers are given what it still prints. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#resume?.();
    await this.#opening;
    await this.#shell?.pty[Symbol.asyncDispose]();
  }

  /** The shell, where it has not been told the newest size. */
  #untold(): Shell | null {
    const shell = this.#shell;
    if (!this.alive || shell === null) return null;
    return shell.size === null || !isSame(shell.size, this.#size) ? shell : null;
  }

  async #tellSize(): Promise<void> {
    try {
      for (let shell = this.#untold(); shell !== null; shell = this.#untold()) {
        shell.size = this.#size;
        await shell.pty.resize(this.#size);
      }
    } finally {
      this.#resizing = null;
    }
  }

  /** Let go of the shell, which runs on. Resolves with its place once the log holds all that it will. */
  async leave(): Promise<ShellPlace | null> {
    this.#disposed = true;
    this.#resume?.();
    await this.#opening;
    const { shell } = this;
    this.#shell?.pty.detach();
    await this.#shell?.ended;
    return shell;
  }

  /** Open a new shell; asked again meanwhile, it is the same one. Never rejects: `alive` says how it went. */
  #reopen(): Promise<void> {
    return (this.#opening ??= this.#openNext().finally(() => {
      this.#opening = null;
    }));
  }

  async #openNext(): Promise<void> {
    if (this.#disposed) return;
    const size = this.#size;
    try {
      // Of a shell whose output broke off, nobody knows whether it still runs.
      await this.#shell?.pty[Symbol.asyncDispose]();
      this.#run(await this.#open(size), size);
      this.#onShell();
    } catch (error) {
      this.#onError(error);
      if (!this.#disposed) this.#print(NO_SHELL);
      return;
    }
    // It may have changed while the shell was opened.
    await this.resize(this.#size).catch(this.#onError);
  }

  /**
   * Ctrl-C, until it shows: a shell at its prompt throws away what it reads before it has dealt with the
   * interrupt, so a command sent along with it is lost. Where nothing shows it is pressed once more: Readline
   * puts off one that comes while it handles a key, and would throw away the next key with it.
   */
  async #interrupt(): Promise<void> {
    const ended = this.#shell?.ended;
    let shown = Promise.withResolvers<boolean>();
    const proceed = (): void => shown.resolve(true);
    const watch = new InterruptWatch();
    const viewer: Viewer = {
      output: (from, data) => {
        this.ack(viewer, from + data.byteLength);
        if (watch.sees(data)) proceed();
      },
      lagged: proceed,
    };
    void ended?.then(proceed);
    this.attach(viewer, this.#log.end);
    for (let presses = 0; presses < 2; presses++) {
      const press = (shown = Promise.withResolvers<boolean>());
      this.input(INTERRUPT);
      const timer = setTimeout(() => press.resolve(false), INTERRUPT_TIMEOUT_MS);
      const done = await press.promise;
      clearTimeout(timer);
      if (done) break;
    }
    this.detach(viewer);
  }

  #run(pty: Pty, size: PtySize | null): void {
    const greeted = Promise.withResolvers<void>();
    const origin = this.#log.end - pty.from;
    this.#found = origin + pty.printed;
    this.#alive = true;
    this.#shell = {
      pty,
      size,
      origin,
      greeted: greeted.promise,
      ended: this.#pump(pty, greeted.resolve).finally(greeted.resolve),
    };
    this.#tellAlive();
  }

  /** Keep what a shell prints until it ends. */
  async #pump(pty: Pty, onGreeting: () => void): Promise<void> {
    let code: number | null = null;
    try {
      for await (const data of pty.output) {
        this.#print(data);
        onGreeting();
        this.#onOutput();
        await this.#untilWanted();
      }
      code = await pty.exited;
    } catch (error) {
      this.#onError(error);
    }
    this.#alive = false;
    if (this.#disposed) return;
    const fault = this.#faultOf(code);
    if (fault !== null) this.#onError(fault.error);
    this.#print(fault === null ? shellEnded(code) : shellCutOff(fault.words));
    this.#tellAlive();
  }

  #tellAlive(): void {
    for (const viewer of this.#viewers.keys()) viewer.alive?.(this.#alive);
  }

  #print(data: Uint8Array): void {
    this.#log.append(data);
    for (const [viewer, cursor] of this.#viewers) this.#give(viewer, cursor);
  }

  /** Give what the viewer's window has room for. */
  #give(viewer: Viewer, cursor: Cursor): void {
    // A viewer may ack from within `output`: the loop below goes on then, in order and without recursion.
    if (cursor.giving) return;
    cursor.giving = true;
    while (this.#viewers.get(viewer) === cursor) {
      if (cursor.sent < this.#log.start) {
        this.detach(viewer);
        viewer.lagged();
        return;
      }
      if (cursor.drawn >= this.#log.end) cursor.awaited = 0;
      if (!this.#lags(cursor) && cursor.awaited < PATIENCE_MS) cursor.current = true;
      // Beyond the end is who has seen what is still on its way from a shell that was found again.
      if (cursor.sent >= this.#log.end || cursor.sent - cursor.drawn >= cursor.window.size) break;
      const from = cursor.sent;
      // A whole chunk even where the window has less room: small acks must not make ever smaller messages.
      const data = this.#log.read(from);
      cursor.sent += data.byteLength;
      cursor.window.given(cursor.sent, cursor.drawn);
      viewer.output(from, data);
    }
    cursor.giving = false;
  }

  async #untilWanted(): Promise<void> {
    while (this.#heldBack()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#resume = resolve;
      const awaited = this.#awaited();
      const since = performance.now();
      const patience = PATIENCE_MS - Math.max(0, ...awaited.map((cursor) => cursor.awaited));
      // Waiting for a viewer is no reason for the process to go on.
      const timer = setTimeout(resolve, patience).unref();
      await promise;
      clearTimeout(timer);
      for (const cursor of awaited) {
        cursor.awaited += performance.now() - since;
        if (cursor.awaited >= PATIENCE_MS) cursor.current = false;
      }
    }
    this.#resume = null;
  }

  /** Let the reader of the shell look anew whether it is held back, and by whom. */
  #reconsider(): void {
    this.#resume?.();
  }

  #heldBack(): boolean {
    if (this.#disposed) return false;
    const current = this.#current();
    return (current.length > 0 ? current : [...this.#viewers.values()]).some((cursor) => this.#lags(cursor));
  }

  /** Those that hold the shell back while another current viewer would have more of it. */
  #awaited(): readonly Cursor[] {
    const current = this.#current();
    const lagging = current.filter((cursor) => this.#lags(cursor));
    return lagging.length < current.length ? lagging : [];
  }

  #current(): readonly Cursor[] {
    return [...this.#viewers.values()].filter((cursor) => cursor.current);
  }

  #lags(cursor: Cursor): boolean {
    return this.#log.end - cursor.drawn > cursor.window.size;
  }
}

const isSame = (one: PtySize, other: PtySize): boolean =>
  one.columns === other.columns && one.rows === other.rows;
