import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type {
  BlockId,
  HostName,
  RunId,
  SessionView,
  StepId,
  TerminalId,
} from '../../../server/protocol/index.ts';
import type { LabConnection } from './lab-connection.ts';
import type { LabSocket } from './lab-socket.ts';
import type { Problem } from './problem.ts';
import { TerminalMarks } from './terminal-marks.ts';

/** A terminal of a lab. Those of one run are not those of the next. */
export type LabTerminal = { run: RunId; id: TerminalId; host: HostName };

export type LabTerminalsDependencies = {
  /** Null where there is none whose hosts could run. */
  session: ReadonlySignal<SessionView | null>;
  connection: Pick<LabConnection, 'socket' | 'state'>;
  /** Told how it went with what the learner asked of a run last: null where it was done. */
  onAnswer: (problem: Problem | null, run: RunId) => Promise<void>;
};

/** The terminals of a lab: which there are, which is in front, and what is asked of them. */
export class LabTerminals {
  readonly #session: LabTerminalsDependencies['session'];
  readonly #connection: LabTerminalsDependencies['connection'];
  readonly #onAnswer: LabTerminalsDependencies['onAnswer'];
  readonly #chosen = signal<TerminalId | null>(null);
  readonly #opened = new Set<TerminalId>();
  readonly #focusRequests = signal(0);
  readonly #leaveRequests = signal(0);
  /** What is asked and not answered yet. */
  readonly #asked = new Set<'run' | 'open'>();

  /** What those have to say that are not looked at. */
  readonly marks = new TerminalMarks();
  /** Those that can be typed into. */
  readonly list: ReadonlySignal<LabTerminal[]>;
  /** The one in front. */
  readonly front: ReadonlySignal<TerminalId | null>;
  /** Whether what is typed is sent. */
  readonly isLive: ReadonlySignal<boolean>;
  /** Whether a block of commands would reach one. */
  readonly canRun: ReadonlySignal<boolean>;

  constructor({ session, connection, onAnswer }: LabTerminalsDependencies) {
    this.#session = session;
    this.#connection = connection;
    this.#onAnswer = onAnswer;
    this.list = computed(() => {
      const view = session.value;
      if (view?.status !== 'ready' && view?.status !== 'finished') return [];
      return view.terminals.map((terminal) => ({ run: view.run, ...terminal }));
    });
    this.front = computed(() => {
      const chosen = this.list.value.find(({ id }) => id === this.#chosen.value);
      return (chosen ?? this.list.value[0])?.id ?? null;
    });
    this.isLive = computed(() => connection.state.value === 'online');
    this.canRun = computed(() => this.list.value.length > 0 && this.isLive.value);
  }

  /** Counts up when the terminal in front should take the keyboard. */
  get focusRequests(): ReadonlySignal<number> {
    return this.#focusRequests;
  }

  /** Counts up when the keyboard should leave the terminals for the text. */
  get leaveRequests(): ReadonlySignal<number> {
    return this.#leaveRequests;
  }

  /** Whether this page has opened a terminal that was not there at Start: such a one has been asked to take the keyboard. */
  hasOpened(id: TerminalId): boolean {
    return this.#opened.has(id);
  }

  /** Type a block into its terminal, and bring that to the front. One at a time: who presses twice does not want it twice. */
  async run(step: StepId, block: BlockId): Promise<boolean> {
    const terminal = await this.#ask('run', (socket, run) => socket.run({ run, step, block }));
    if (terminal !== null) this.focus(terminal);
    return terminal !== null;
  }

  /** Bring a terminal to the front without taking the keyboard from where it is. */
  show(id: TerminalId): void {
    this.#chosen.value = id;
  }

  /** Bring a terminal to the front, ready to type into. */
  focus(id: TerminalId | null = this.front.value): void {
    this.#chosen.value = id;
    this.#focusRequests.value += 1;
  }

  /** Open another on a host, in front and ready to type into. One at a time, as `run`. */
  async open(host: HostName): Promise<void> {
    const terminal = await this.#ask('open', (socket, run) => socket.openTerminal({ run, host }));
    if (terminal === null) return;
    this.#opened.add(terminal);
    this.focus(terminal);
  }

  /** Close one that was opened so; the first of its host comes to the front. */
  close(id: TerminalId): void {
    const { run, host } = this.list.value.find((terminal) => terminal.id === id) ?? {};
    if (run === undefined || host === undefined || host === id) return;
    this.#opened.delete(id);
    this.#connection.socket.value?.send('terminal:close', { run, id });
    this.focus(host);
  }

  /** Take the keyboard out of the terminals, back to the text. */
  leave(): void {
    this.#leaveRequests.value += 1;
  }

  /** Ask for a terminal of the run, one at a time; null where there is none. Whoever asked is told why. */
  async #ask(
    what: 'run' | 'open',
    ask: (socket: LabSocket, run: RunId) => Promise<{ terminal: TerminalId } | Problem>,
  ): Promise<TerminalId | null> {
    const run = this.#session.value?.run;
    const socket = this.#connection.socket.value;
    if (run === undefined || socket === null || this.#asked.has(what)) return null;
    this.#asked.add(what);
    const answer = await ask(socket, run).finally(() => this.#asked.delete(what));
    const isRefused = 'error' in answer;
    await this.#onAnswer(isRefused ? answer : null, run);
    return isRefused ? null : answer.terminal;
  }

  /** The session has become another: nothing that was known of those terminals holds for new ones of their names. */
  follow(before: SessionView | null, now: SessionView): void {
    if (before?.run !== now.run) {
      this.#opened.clear();
      this.marks.forget();
      return;
    }
    if (!('terminals' in before) || !('terminals' in now)) return;
    for (const { id } of before.terminals) {
      if (!now.terminals.some((terminal) => terminal.id === id)) this.marks.forget(id);
    }
  }
}
