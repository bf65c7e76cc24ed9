import { batch, computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type {
  BlockId,
  ScenarioView,
  SessionView,
  Slug,
  StepContent,
  TerminalId,
} from '../../../server/protocol/index.ts';
import type { Api } from './api.ts';
import type { ConnectLab, LabSocket } from './lab-socket.ts';
import {
  checkRows,
  isBehind,
  nextGate,
  pageKey,
  samePage,
  stations,
  type CheckRow,
  type LabPage,
  type NextGate,
  type Station,
} from './lab-view.ts';
import type { Problem, Result } from './problem.ts';

/** What the lab page shows at large; `lost` is a session that the server no longer knows. */
export type Phase = 'loading' | 'not-found' | 'unavailable' | 'intro' | 'lost' | SessionView['status'];

/** The connection to the server: `none` before there is a session to hear of. */
export type Connection = 'none' | 'connecting' | 'online' | 'reconnecting';

/** A page's text: on its way, there, or why not. `waiting` comes by itself once the hosts are up. */
export type PageText =
  | { status: 'loading' | 'waiting' }
  | { status: 'ready'; content: StepContent }
  | { status: 'problem'; problem: Problem };

/** What the learner has asked for and the server has not answered yet. */
export type Pending = 'start' | 'check' | 'next' | 'end' | null;

export type LabDependencies = { slug: Slug; api: Api; connect: ConnectLab };

/**
 * One lab as its page has it: the session, the text that is read, what may be done next. Knows no DOM; the
 * terminals take their bytes from `socket` themselves.
 */
export class LabStore {
  readonly slug: Slug;
  readonly #api: Api;
  readonly #connect: ConnectLab;
  readonly #scenario = signal<ScenarioView | null>(null);
  readonly #session = signal<SessionView | null>(null);
  readonly #load = signal<'loading' | 'ready' | 'not-found' | Problem>('loading');
  readonly #lost = signal(false);
  readonly #shown = signal<LabPage>({ kind: 'intro' });
  readonly #texts = signal<ReadonlyMap<string, PageText>>(new Map());
  readonly #socket = signal<LabSocket | null>(null);
  readonly #connection = signal<Connection>('none');
  readonly #pending = signal<Pending>(null);
  readonly #problem = signal<Problem | null>(null);
  readonly #terminal = signal<TerminalId | null>(null);
  readonly #focusRequests = signal(0);
  readonly #stopReading: () => void;
  /** The texts that were asked for by themselves, and how often each was asked for at all. */
  readonly #readings = new Set<string>();
  readonly #turns = new Map<string, number>();
  #connecting = false;
  #disposed = false;

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
  /** Whether Check may be pressed on the page that is read. */
  readonly canCheck: ReadonlySignal<boolean> = computed(() => {
    const page = this.#shown.value;
    const session = this.#session.value;
    if (page.kind !== 'step' || session?.status !== 'ready') return false;
    if (this.#lost.value || this.#pending.value !== null) return false;
    return session.steps.some(({ id, state, checking }) => id === page.id && state === 'open' && !checking);
  });
  /** Whether a block of commands would reach a terminal. */
  readonly canRun: ReadonlySignal<boolean> = computed(
    () => this.terminals.value.length > 0 && this.#connection.value === 'online',
  );
  /** The text of the page that is read; the intro's is part of the scenario. */
  readonly text: ReadonlySignal<PageText> = computed(() => {
    const page = this.#shown.value;
    if (page.kind !== 'intro') return this.#texts.value.get(pageKey(page)) ?? { status: 'loading' };
    const html = this.#scenario.value?.intro;
    return html === undefined ? { status: 'loading' } : { status: 'ready', content: { html, blocks: [] } };
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

  constructor({ slug, api, connect }: LabDependencies) {
    this.slug = slug;
    this.#api = api;
    this.#connect = connect;
    // Whatever page comes to be shown, its text is asked for: once, and once more when the hosts are up,
    // since it may name their addresses.
    this.#stopReading = effect(() => {
      const page = this.#shown.value;
      const session = this.#session.value;
      if (session === null || page.kind === 'intro') return;
      const moment = session.status === 'provisioning' ? 'before' : 'after';
      const reading = `${session.run} ${moment} ${pageKey(page)}`;
      if (this.#readings.has(reading)) return;
      this.#readings.add(reading);
      void this.#read(page);
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

  get pending(): ReadonlySignal<Pending> {
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
    await this.#ask('start', () => this.#api.start(this.slug));
    if (this.#session.value !== null) await this.#listen();
  }

  /** Have the checks of the step that is read made. */
  async check(): Promise<void> {
    const page = this.#shown.value;
    if (page.kind !== 'step' || !this.canCheck.value) return;
    await this.#ask('check', () => this.#api.check(this.slug, page.id));
  }

  /** Go on to the following page; the server opens it where it is a new one. */
  async next(): Promise<void> {
    const gate = this.gate.value;
    if (!gate.open || this.#pending.value !== null) return;
    if (gate.to !== 'ask-server') return this.show(gate.to);
    await this.#ask(
      'next',
      () => this.#api.next(this.slug),
      (view) => {
        this.#take(view);
        this.show(view.status === 'finished' ? { kind: 'finish' } : { kind: 'step', id: view.current });
      },
    );
  }

  /** End the lab: its hosts and all that is on them are removed. */
  async end(): Promise<void> {
    await this.#ask('end', () => this.#api.end(this.slug));
  }

  /** Read a page that is not locked. */
  show(page: LabPage): void {
    const station = this.stations.value.find((each) => samePage(each.page, page));
    if (station !== undefined && station.state !== 'locked') this.#shown.value = page;
  }

  /** Ask again for a text that did not come. */
  async readAgain(): Promise<void> {
    await this.#read(this.#shown.value);
  }

  /** Type a block of the step that is read into its terminal, and bring that to the front. */
  async run(block: BlockId): Promise<boolean> {
    const page = this.#shown.value;
    const socket = this.#socket.value;
    if (page.kind !== 'step' || socket === null) return false;
    const answer = await socket.run({ step: page.id, block });
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

  async #ask(
    what: Exclude<Pending, null>,
    request: () => Promise<Result<SessionView>>,
    take: (view: SessionView) => void = (view) => this.#take(view),
  ): Promise<void> {
    // Whoever ends the lab need not wait for what else was asked; its answer no longer counts.
    if (this.#pending.value !== null && what !== 'end') return;
    batch(() => {
      this.#pending.value = what;
      this.#problem.value = null;
    });
    const asked = this.#session.value?.run;
    const result = await request();
    if (this.#disposed || this.#pending.value !== what) return;
    batch(() => {
      this.#pending.value = null;
      if (!result.ok) this.#problem.value = result.problem;
      else if (!isBehind(result.value, this.#session.value, asked)) take(result.value);
    });
  }

  /** The session as it is now; the page that is read follows it unless the learner reads an older one. */
  #take(view: SessionView): void {
    const held = this.#session.value;
    this.#lost.value = false;
    this.#session.value = view;
    if (view.run !== held?.run) {
      this.#shown.value =
        view.status === 'finished' ? { kind: 'finish' } : { kind: 'step', id: view.current };
      return;
    }
    const following = samePage(this.#shown.value, { kind: 'step', id: held.current });
    if (following && view.current !== held.current) this.#shown.value = { kind: 'step', id: view.current };
  }

  async #read(page: LabPage): Promise<void> {
    if (page.kind === 'intro') return;
    const key = pageKey(page);
    const turn = (this.#turns.get(key) ?? 0) + 1;
    this.#turns.set(key, turn);
    // A text that is there already stays until the newer one is.
    const held = this.#texts.peek().get(key)?.status === 'ready';
    if (!held) this.#keep(page, { status: 'loading' });
    const result =
      page.kind === 'finish' ? await this.#api.finish(this.slug) : await this.#api.step(this.slug, page.id);
    if (this.#disposed || this.#turns.get(key) !== turn) return;
    if (result.ok) this.#keep(page, { status: 'ready', content: result.value });
    else if (result.problem.error === 'session_not_ready') this.#keep(page, { status: 'waiting' });
    else if (!held) this.#keep(page, { status: 'problem', problem: result.problem });
  }

  #keep(page: LabPage, text: PageText): void {
    this.#texts.value = new Map(this.#texts.peek()).set(pageKey(page), text);
  }

  async #listen(): Promise<void> {
    if (this.#connecting) return;
    this.#connecting = true;
    this.#connection.value = 'connecting';
    let socket: LabSocket;
    try {
      socket = await this.#connect(this.slug);
    } catch {
      // The code of the connection itself did not load.
      this.#connecting = false;
      this.#connection.value = 'reconnecting';
      this.#problem.value = { error: 'unreachable' };
      return;
    }
    if (this.#disposed) return socket.close();
    socket.on('connected', () => {
      this.#connection.value = 'online';
      if (this.text.value.status === 'problem') void this.readAgain();
    });
    socket.on('disconnected', () => {
      this.#connection.value = 'reconnecting';
    });
    socket.on('refused', (problem) => {
      this.#connection.value = 'reconnecting';
      this.#problem.value = problem;
    });
    socket.on('session', (view) => {
      if (view !== null) batch(() => this.#take(view));
      else if (this.#session.value !== null && this.#pending.value !== 'start') this.#lost.value = true;
    });
    if (socket.connected) this.#connection.value = 'online';
    this.#socket.value = socket;
  }
}
