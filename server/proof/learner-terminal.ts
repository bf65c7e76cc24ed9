import { randomBytes } from 'node:crypto';
import { beforeAbort } from '../engines/before-abort.ts';
import type { Host } from '../clusters/cluster.ts';
import type { CommandBlock } from '../scenarios/scenario.ts';
import { Terminal } from '../terminals/terminal.ts';
import type { Viewer } from '../terminals/viewer.ts';

/** How much of what a command has printed is kept. */
const KEPT = 64 * 1024;

/** The code that the last line of a command ended with, and what was shown meanwhile, at most its last 64 KiB. */
export type Ran = { exitCode: number; output: string };

/**
 * A terminal into which commands are typed as a click types them for a learner: whole, however many lines they have. Its
 * shell is told to mark each of its prompts, in a way that a terminal does not show: the command has ended when there has
 * been a prompt for each line, and the last one asks for another command.
 */
export class LearnerTerminal implements AsyncDisposable {
  readonly #terminal: Terminal;
  readonly #prompts: Prompts;

  private constructor(terminal: Terminal, prompts: Prompts) {
    this.#terminal = terminal;
    this.#prompts = prompts;
  }

  static async open(host: Host, signal: AbortSignal): Promise<LearnerTerminal> {
    const word = randomBytes(6).toString('hex');
    const prompts = new Prompts(word);
    const terminal = await Terminal.open({
      id: host.name,
      host: host.name,
      open: async (size) => host.openPty(size),
      onError: prompts.break,
    });
    const opened = new LearnerTerminal(terminal, prompts);
    try {
      prompts.watch(terminal);
      // With a blank before it the shell does not put it into its history.
      await terminal.type(
        ` PROMPT_COMMAND='printf "\\033]7301;${word};%s\\a" "$?"' PS2='\\[\\e]7301;${word};more\\a\\]> '`,
        { interrupt: false },
      );
      await beforeAbort(signal, prompts.seen(1));
      return opened;
    } catch (error) {
      await opened[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Type a command and wait for its end. Rejects when the shell breaks off, and when `signal` aborts: because a program
   * goes on, or has read lines that were meant for the shell.
   */
  async run({ command, interrupt }: CommandBlock, signal: AbortSignal): Promise<Ran> {
    if (interrupt) await this.#interrupt(signal);
    this.#prompts.forget();
    if (!(await this.#terminal.type(command, { interrupt: false }))) {
      throw new Error('The shell had ended, and none could be opened in its place.');
    }
    return beforeAbort(signal, this.#prompts.seen(command.split('\n').length));
  }

  /** Ctrl-C, and wait until the shell has dealt with it: nobody knows how many prompts that takes. */
  async #interrupt(signal: AbortSignal): Promise<void> {
    this.#prompts.forget();
    await this.#terminal.type(` printf '\\033]7301;${this.#prompts.word};here\\a'`, { interrupt: true });
    await beforeAbort(signal, this.#prompts.here());
  }

  /** What was shown since the last command was typed, at most its last 64 KiB. */
  get shown(): string {
    return this.#prompts.shown;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#terminal[Symbol.asyncDispose]();
  }
}

/** Looks at a terminal for the prompts that its shell has marked. */
class Prompts implements Viewer {
  readonly word: string;
  readonly #mark: RegExp;
  readonly #decoder = new TextDecoder();
  readonly #broken = Promise.withResolvers<never>();
  #terminal: Terminal | undefined;
  #changed = Promise.withResolvers<void>();
  /** What was printed since the last prompt, with perhaps the beginning of a mark at its end. */
  #rest = '';
  #output = '';
  #count = 0;
  /** The exit code that the last prompt tells; null where it asks for the rest of a command. */
  #code: number | null = null;

  /** Whether the shell has come to the line that asks for it. */
  #isHere = false;

  constructor(word: string) {
    this.word = word;
    // oxlint-disable-next-line no-control-regex
    this.#mark = new RegExp(`\\u001b\\]7301;${word};(more|here|\\d+)\\u0007`);
    this.#broken.promise.catch(() => undefined);
  }

  watch(terminal: Terminal): void {
    this.#terminal = terminal;
    terminal.attach(this, 0);
  }

  forget(): void {
    this.#output = '';
    this.#rest = '';
    this.#count = 0;
    this.#isHere = false;
  }

  readonly break = (error: unknown): void => this.#broken.reject(error);

  output(from: number, data: Uint8Array): void {
    this.#rest += this.#decoder.decode(data, { stream: true });
    for (let mark = this.#mark.exec(this.#rest); mark !== null; mark = this.#mark.exec(this.#rest)) {
      this.#keep(this.#rest.slice(0, mark.index));
      this.#rest = this.#rest.slice(mark.index + mark[0].length);
      this.#isHere ||= mark[1] === 'here';
      this.#count = mark[1] === 'here' ? 0 : this.#count + 1;
      this.#code = Number.isNaN(Number(mark[1])) ? null : Number(mark[1]);
    }
    if (this.#rest.length > KEPT) {
      this.#keep(this.#rest.slice(0, -KEPT));
      this.#rest = this.#rest.slice(-KEPT);
    }
    this.#terminal?.ack(this, from + data.byteLength);
    // That a shell has ended is the last that a terminal shows of it.
    if (this.#terminal?.alive === false) this.break(new Error('The shell had ended.'));
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  get shown(): string {
    return this.#output + this.#rest;
  }

  /** It draws at once, so that it never lags; were it to, what it waits for might have gone by. */
  lagged(): void {
    this.break(new Error('The terminal printed more than could be read.'));
  }

  /** Resolves when there have been so many prompts, of which the last asks for a command. */
  async seen(count: number): Promise<Ran> {
    while (this.#count < count || this.#code === null) {
      await Promise.race([this.#changed.promise, this.#broken.promise]);
    }
    return { exitCode: this.#code, output: this.#output };
  }

  /** Resolves when the shell has come to the line that asks for it, and asks for a command again. */
  async here(): Promise<void> {
    while (!this.#isHere) await Promise.race([this.#changed.promise, this.#broken.promise]);
    await this.seen(1);
  }

  #keep(text: string): void {
    this.#output = (this.#output + text).slice(-KEPT);
  }
}
