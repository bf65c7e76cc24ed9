import { batch, computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type {
  BlockId,
  HostName,
  RunId,
  ScenarioView,
  SessionView,
  Slug,
  StepId,
  TerminalId,
} from '../../../server/protocol/index.ts';
import type { Api } from './api.ts';
import type { EngineStore } from './engine-store.ts';
import type { ConnectLab, LabSocket } from './lab-socket.ts';
import {
  checkRows,
  isBehind,
  nextGate,
  pageToRead,
  samePage,
  stations,
  timeLeft,
  type CheckRow,
  type LabPage,
  type NextGate,
  type Station,
  type TimeLeft,
} from './lab-view.ts';
import { PageTexts, type PageText } from './page-texts.ts';
import type { Problem, Result } from './problem.ts';
import { TerminalMarks } from './terminal-marks.ts';

/** What the lab page shows at large; `lost` is a session that the server no longer knows. */
export type Phase = 'loading' | 'not-found' | 'unavailable' | 'intro' | 'lost' | SessionView['status'];

/**
 * The connection to the server: `none` before there is a session to hear of, `delayed` where the server wants this page
 * later, `given-up` when only loading the page anew can bring it about.
 */
export type Connection = 'none' | 'connecting' | 'online' | 'reconnecting' | 'delayed' | 'given-up';

/** What the learner has asked for and the server has not answered yet. */
export type Pending =
  { what: 'start' | 'next' | 'end' | 'extend' | 'reset' } | { what: 'check'; step: StepId };

export type LabDependencies = {
  slug: Slug;
  api: Api;
  connect: ConnectLab;
  /** Told what the lab's socket hears of the engine. */
  engine: Pick<EngineStore, 'take'>;
};

/**
 * One lab as its page has it: the session, the text that is read, what may be done next. Knows no DOM; the
 * terminals take their bytes from `socket` themselves.
 */
export class LabStore {
  readonly slug: Slug;
  readonly #api: Api;
  readonly #connect: ConnectLab;
  readonly #engine: LabDependencies['engine'];
  readonly #scenario = signal<ScenarioView | null>(null);
  readonly #session = signal<SessionView | null>(null);
  readonly #load = signal<'loading' | 'ready' | 'not-found' | Problem>('loading');
  readonly #lost = signal(false);
  readonly #shown = signal<LabPage>({ kind: 'intro' });
  readonly #texts: PageTexts;
  readonly #socket = signal<LabSocket | null>(null);
  readonly #connection = signal<Connection>('none');
  readonly #pending = signal<Pending | null>(null);
  readonly #problem = signal<Problem | null>(null);
  readonly #terminal = signal<TerminalId | null>(null);
  /** When the session was told of last; and the end that its learner has been warned of. */
  #toldAt = 0;
  readonly #warned = signal<number | null>(null);
  readonly #opened = new Set<TerminalId>();
  readonly #focusRequests = signal(0);
  readonly #leaveRequests = signal(0);
  readonly #stopReading: () => void;
  #connecting = false;
  #running = false;
  #openingTerminal = false;
  #disposed = false;

  /** What the terminals have to say that are not looked at. */
  readonly marks = new TerminalMarks();

  /** What the page shows at large. */
  readonly phase: ReadonlySignal<Phase> = computed(() => {
    const load = this.#load.value;
    if (typeof load === 'object') return 'unavailable';
    if (load !== 'ready') return load;
    if (this.#lost.value) return 'lost';
    return this.#session.value?.status ?? 'intro';
  });
  readonly stations: ReadonlySignal<Station[]> = computed(() => {
    const scenario = this.#scenario.value;
    return scenario === null ? [] : stations(scenario, this.#session.value, this.#shown.value);
  });
  /** The checks of the step that is read; none on other pages. */
  readonly checks: ReadonlySignal<CheckRow[]> = computed(() => {
    const scenario = this.#scenario.value;
    const page = this.#shown.value;
    return scenario === null || page.kind !== 'step' ? [] : checkRows(scenario, this.#session.value, page.id);
  });
  /** What Next would do. */
  readonly gate: ReadonlySignal<NextGate> = computed(() => {
    const scenario = this.#scenario.value;
    if (scenario === null) return { open: false, why: 'not-started' };
    const gate = nextGate(scenario, this.#session.value, this.#shown.value);
    const needsServer = gate.open && gate.to === 'ask-server';
    return this.#lost.value && (needsServer || !gate.open) ? { open: false, why: 'not-running' } : gate;
  });
  /** Whether the checks of the step that is read are being made. */
  readonly checking: ReadonlySignal<boolean> = computed(() => {
    const page = this.#shown.value;
    const pending = this.#pending.value;
    if (page.kind !== 'step') return false;
    if (pending?.what === 'check' && pending.step === page.id) return true;
    return this.#session.value?.steps.some(({ id, checking }) => id === page.id && checking) === true;
  });
  /** Whether Check may be pressed on the page that is read. */
  readonly canCheck: ReadonlySignal<boolean> = computed(() => {
    const page = this.#shown.value;
    const session = this.#session.value;
    if (page.kind !== 'step' || session?.status !== 'ready') return false;
    if (this.#lost.value || this.#pending.value !== null) return false;
    return !this.checking.value && session.steps.some(({ id, state }) => id === page.id && state === 'open');
  });
  /** Whether a block of commands would reach a terminal. */
  readonly canRun: ReadonlySignal<boolean> = computed(
    () => this.terminals.value.length > 0 && this.#connection.value === 'online',
  );
  /** The text of the page that is read; the intro's is part of the scenario. */
  readonly text: ReadonlySignal<PageText> = computed(() => {
    const page = this.#shown.value;
    const run = this.#session.value?.run;
    if (page.kind !== 'intro' && run !== undefined) return this.#texts.of(run, page);
    const html = this.#scenario.value?.intro;
    return html === undefined
      ? { status: 'loading' }
      : { status: 'ready', content: { html, blocks: [], provisional: false } };
  });
  /** The terminals that can be typed into. Those of one run are not those of the next. */
  readonly terminals = computed(() => {
    const session = this.#session.value;
    if (this.#lost.value) return [];
    if (session?.status !== 'ready' && session?.status !== 'finished') return [];
    return session.terminals.map((terminal) => ({ run: session.run, ...terminal }));
  });
  /** The terminal in front. */
  readonly terminal: ReadonlySignal<TerminalId | null> = computed(() => {
    const terminals = this.terminals.value;
    const chosen = terminals.find(({ id }) => id === this.#terminal.value);
    return (chosen ?? terminals[0])?.id ?? null;
  });

  constructor({ slug, api, connect, engine }: LabDependencies) {
    this.slug = slug;
    this.#api = api;
    this.#connect = connect;
    this.#engine = engine;
    this.#texts = new PageTexts((page) =>
      page.kind === 'step' ? api.step(slug, page.id) : api.finish(slug),
    );
    // Whatever page comes to be shown, its text is asked for; the intro's has come with the scenario.
    this.#stopReading = effect(() => {
      const page = this.#shown.value;
      const session = this.#session.value;
      if (session !== null && page.kind !== 'intro') this.#texts.want(session, page);
    });
  }

  get scenario(): ReadonlySignal<ScenarioView | null> {
    return this.#scenario;
  }

  get session(): ReadonlySignal<SessionView | null> {
    return this.#session;
  }

  /** The page that is read, which need not be the newest. */
  get shown(): ReadonlySignal<LabPage> {
    return this.#shown;
  }

  get socket(): ReadonlySignal<LabSocket | null> {
    return this.#socket;
  }

  get connection(): ReadonlySignal<Connection> {
    return this.#connection;
  }

  get pending(): ReadonlySignal<Pending | null> {
    return this.#pending;
  }

  /** What went wrong last with something the learner asked for; null once dismissed or tried again. */
  get problem(): ReadonlySignal<Problem | null> {
    return this.#problem;
  }

  /** Counts up when the terminal in front should take the keyboard. */
  get focusRequests(): ReadonlySignal<number> {
    return this.#focusRequests;
  }

  /** Counts up when the keyboard should leave the terminals for the text. */
  get leaveRequests(): ReadonlySignal<number> {
    return this.#leaveRequests;
  }

  /** Why the lab could not be loaded, when `phase` is `unavailable`. */
  get loadProblem(): Problem | null {
    const load = this.#load.value;
    return typeof load === 'object' ? load : null;
  }

  /** Load the lab, and the session if there is one. To be called again after `unavailable`. */
  async open(): Promise<void> {
    this.#load.value = 'loading';
    const [scenario, session] = await Promise.all([
      this.#api.scenario(this.slug),
      this.#api.session(this.slug),
    ]);
    if (this.#disposed) return;
    if (!scenario.ok) {
      const { problem } = scenario;
      this.#load.value = problem.error === 'scenario_not_found' ? 'not-found' : problem;
      return;
    }
    if (!session.ok && session.problem.error !== 'session_not_found') {
      this.#load.value = session.problem;
      return;
    }
    batch(() => {
      this.#scenario.value = scenario.value;
      if (session.ok) this.#take(session.value);
      this.#load.value = 'ready';
    });
    if (session.ok) await this.#listen();
  }

  /** Start the lab, or start it anew where it has failed or ended. */
  async start(): Promise<void> {
    const run = this.#lost.value ? null : (this.#session.value?.run ?? null);
    await this.#ask({ what: 'start' }, () => this.#api.start(this.slug, run));
    if (this.#session.value !== null) await this.#listen();
  }

  /** Have the checks of the step that is read made. */
  async check(): Promise<void> {
    const page = this.#shown.value;
    if (page.kind !== 'step' || !this.canCheck.value) return;
    await this.#askOfRun({ what: 'check', step: page.id }, (run) => this.#api.check(this.slug, run, page.id));
  }

  /** Go on to the following page; the server opens it where it is a new one. */
  async next(): Promise<void> {
    const gate = this.gate.value;
    if (!gate.open) return;
    if (gate.to !== 'ask-server') return this.show(gate.to);
    await this.#askOfRun(
      { what: 'next' },
      (run) => this.#api.next(this.slug, run),
      (view) => {
        this.#take(view);
        this.show(view.status === 'finished' ? { kind: 'finish' } : { kind: 'step', id: view.current });
      },
    );
  }

  /** End the lab: its hosts and all that is on them are removed. */
  async end(): Promise<void> {
    await this.#askOfRun({ what: 'end' }, (run) => this.#api.end(this.slug, run));
  }

  /** Put the end of the lab off. */
  async extend(): Promise<void> {
    await this.#askOfRun({ what: 'extend' }, (run) => this.#api.extend(this.slug, run));
  }

  /** Have fresh hosts made, with the steps that have passed or from the first. */
  async reset(keepProgress: boolean): Promise<void> {
    await this.#askOfRun({ what: 'reset' }, (run) => this.#api.reset(this.slug, run, keepProgress));
  }

  /** What is left of the lab's time now, which no signal tells: it goes by. Null where nothing ends it. */
  get timeLeft(): TimeLeft | null {
    return this.#lost.value ? null : timeLeft(this.#session.value, performance.now() - this.#toldAt);
  }

  /** Whether the learner has been warned of the end as it is now. */
  get warned(): boolean {
    return this.#warned.value !== null && this.#warned.value === this.#session.value?.time?.endsAt;
  }

  /** The learner has read that the end is near. */
  dismissWarning(): void {
    this.#warned.value = this.#session.value?.time?.endsAt ?? null;
  }

  /** Read a page that is not locked. */
  show(page: LabPage): void {
    const station = this.stations.value.find((each) => samePage(each.page, page));
    if (station !== undefined && station.state !== 'locked') this.#shown.value = page;
  }

  /** Ask again for a text that did not come. */
  async readAgain(): Promise<void> {
    const run = this.#session.value?.run;
    if (run !== undefined) await this.#texts.read(run, this.#shown.value);
  }

  /**
   * Type a block of the step that is read into its terminal, and bring that to the front. One at a time: who presses
   * twice does not want it twice.
   */
  async run(block: BlockId): Promise<boolean> {
    const page = this.#shown.value;
    const socket = this.#socket.value;
    if (page.kind !== 'step' || socket === null || this.#running) return false;
    this.#running = true;
    const answer = await socket.run({ step: page.id, block });
    this.#running = false;
    if ('error' in answer) {
      this.#problem.value = answer;
      return false;
    }
    this.#problem.value = null;
    this.focusTerminal(answer.terminal);
    return true;
  }

  /** Bring a terminal to the front without taking the keyboard from where it is. */
  showTerminal(id: TerminalId): void {
    this.#terminal.value = id;
  }

  /** Bring a terminal to the front, ready to type into. */
  focusTerminal(id: TerminalId | null = this.terminal.value): void {
    this.#terminal.value = id;
    this.#focusRequests.value += 1;
  }

  /** Open another terminal on a host, in front and ready to type into. One at a time, as `run`. */
  async openTerminal(host: HostName): Promise<void> {
    const socket = this.#socket.value;
    if (socket === null || this.#openingTerminal) return;
    this.#openingTerminal = true;
    const answer = await socket.openTerminal({ host });
    this.#openingTerminal = false;
    if ('error' in answer) {
      this.#problem.value = answer;
      return;
    }
    this.#problem.value = null;
    this.#opened.add(answer.terminal);
    this.focusTerminal(answer.terminal);
  }

  /** Whether this page has opened a terminal that was not there at Start: such a one has been asked to take the keyboard. */
  hasOpened(id: TerminalId): boolean {
    return this.#opened.has(id);
  }

  /** Close a terminal that was opened so; the first of its host comes to the front. */
  closeTerminal(id: TerminalId): void {
    const host = this.terminals.value.find((terminal) => terminal.id === id)?.host;
    if (host === undefined || host === id) return;
    this.#opened.delete(id);
    this.#socket.value?.send('terminal:close', { id });
    this.focusTerminal(host);
  }

  /** Take the keyboard out of the terminals, back to the text. */
  leaveTerminals(): void {
    this.#leaveRequests.value += 1;
  }

  dismissProblem(): void {
    this.#problem.value = null;
  }

  /** Leave the lab; it goes on without its page. */
  dispose(): void {
    this.#disposed = true;
    this.#stopReading();
    this.#socket.value?.close();
    this.#socket.value = null;
  }

  /** Ask something of the run that is shown, and of no other. */
  async #askOfRun(
    asking: Pending,
    request: (run: RunId) => Promise<Result<SessionView>>,
    take?: (view: SessionView) => void,
  ): Promise<void> {
    const run = this.#session.value?.run;
    if (run !== undefined) await this.#ask(asking, () => request(run), take);
  }

  async #ask(
    asking: Pending,
    request: () => Promise<Result<SessionView>>,
    take: (view: SessionView) => void = (view) => this.#take(view),
  ): Promise<void> {
    if (!supersedes(asking, this.#pending.value)) return;
    batch(() => {
      this.#pending.value = asking;
      this.#problem.value = null;
    });
    const asked = this.#session.value?.run;
    const result = await request();
    if (this.#disposed || this.#pending.value !== asking) return;
    if (!result.ok && result.problem.error === 'run_outdated') await this.#openAnew();
    if (this.#disposed) return;
    batch(() => {
      this.#pending.value = null;
      if (!result.ok) this.#problem.value = result.problem;
      else if (!isBehind(result.value, this.#session.value, asked)) take(result.value);
    });
  }

  /** The session as it is now; the page that is read follows it unless the learner reads an older one. */
  #take(view: SessionView): void {
    const held = this.#session.value;
    // What went wrong before says nothing of where the lab stands now.
    if (view.run !== held?.run || view.status !== held.status) this.#problem.value = null;
    this.#lost.value = false;
    this.#toldAt = performance.now();
    this.#session.value = view;
    if (view.run !== held?.run) {
      this.#opened.clear();
      this.marks.forget();
      this.#shown.value = pageToRead(view);
      return;
    }
    this.#forgetClosed(held, view);
    const following = samePage(this.#shown.value, { kind: 'step', id: held.current });
    if (following && view.current !== held.current) this.#shown.value = { kind: 'step', id: view.current };
  }

  #forgetClosed(before: SessionView, now: SessionView): void {
    if (!('terminals' in before) || !('terminals' in now)) return;
    for (const { id } of before.terminals) {
      if (!now.terminals.some((terminal) => terminal.id === id)) this.marks.forget(id);
    }
  }

  /**
   * What is shown is not what there is: the lab was started anew, or this browser is somebody else’s since, while the
   * socket is still of before. All of it is asked for again, by whom this browser is now.
   */
  async #openAnew(): Promise<void> {
    this.#socket.value?.close();
    batch(() => {
      this.#socket.value = null;
      this.#session.value = null;
      this.#lost.value = false;
      this.#shown.value = { kind: 'intro' };
      this.#connection.value = 'none';
    });
    this.#connecting = false;
    await this.open();
  }

  #lose(): void {
    batch(() => {
      this.#problem.value = null;
      this.#lost.value = true;
    });
  }

  async #listen(): Promise<void> {
    if (this.#connecting) return;
    this.#connecting = true;
    this.#connection.value = 'connecting';
    let socket: LabSocket;
    try {
      socket = await this.#connect(this.slug);
    } catch {
      // The code of the connection itself did not load, and not every browser asks for a module twice.
      this.#connecting = false;
      this.#connection.value = 'given-up';
      return;
    }
    if (this.#disposed) return socket.close();
    socket.on('connected', () => {
      this.#connection.value = 'online';
      void this.#texts.retry();
    });
    socket.on('disconnected', () => {
      this.#connection.value = 'reconnecting';
    });
    socket.on('delayed', () => {
      this.#connection.value = 'delayed';
    });
    socket.on('refused', (problem) => {
      this.#connection.value = 'given-up';
      this.#problem.value = problem;
    });
    this.marks.watch(socket);
    socket.on('engine', (status) => this.#engine.take(status));
    socket.on('session', (view) => {
      if (view !== null) batch(() => this.#take(view));
      else if (this.#session.value !== null && this.#pending.value?.what !== 'start') this.#lose();
    });
    if (socket.connected) this.#connection.value = 'online';
    this.#socket.value = socket;
  }
}

/**
 * Whether something may be asked while something else has no answer yet, whose answer then no longer counts. Who ends
 * the lab waits for nothing; for what the checks say, which the socket brings too, nobody needs to wait.
 */
function supersedes(asking: Pending, pending: Pending | null): boolean {
  if (pending === null || asking.what === 'end') return true;
  return asking.what !== 'check' && pending.what === 'check';
}
