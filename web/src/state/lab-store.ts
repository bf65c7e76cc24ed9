import { batch, computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type { BlockId, RunId, ScenarioView, SessionView, Slug } from '../../../server/protocol/index.ts';
import type { Api } from './api.ts';
import type { EngineStore } from './engine-store.ts';
import { LabClock } from './lab-clock.ts';
import { LabConnection } from './lab-connection.ts';
import type { ConnectLab, LabSocket } from './lab-socket.ts';
import { LabTerminals } from './lab-terminals.ts';
import {
  checkRows,
  isBehind,
  nextGate,
  pageToRead,
  samePage,
  stations,
  type CheckRow,
  type LabPage,
  type NextGate,
  type Station,
} from './lab-view.ts';
import { PageTexts, type PageText } from './page-texts.ts';
import { supersedes, type Pending } from './pending.ts';
import type { Problem, Result } from './problem.ts';

/** What the lab page shows at large; `lost` is a session that the server no longer knows. */
export type Phase = 'loading' | 'not-found' | 'unavailable' | 'intro' | 'lost' | SessionView['status'];

/** Milliseconds within which hosts that lay ready are given out. */
const AT_ONCE_MS = 400;

export type LabDependencies = {
  slug: Slug;
  api: Api;
  connect: ConnectLab;
  /** Told what the lab's socket hears of the engine. */
  engine: Pick<EngineStore, 'take'>;
};

/**
 * One lab as its page has it: the session, the text that is read, what may be done next. Knows no DOM; the
 * terminals take their bytes from the socket themselves.
 */
export class LabStore {
  readonly slug: Slug;
  readonly #api: Api;
  readonly #engine: LabDependencies['engine'];
  readonly #scenario = signal<ScenarioView | null>(null);
  readonly #session = signal<SessionView | null>(null);
  readonly #load = signal<'loading' | 'ready' | 'not-found' | Problem>('loading');
  readonly #lost = signal(false);
  readonly #shown = signal<LabPage>({ kind: 'intro' });
  readonly #texts: PageTexts;
  readonly #pending = signal<Pending | null>(null);
  readonly #problem = signal<Problem | null>(null);
  readonly #stopReading: () => void;
  /** What the socket has told of a lab that is being started; see `#startAtOnce`. */
  #awaited: SessionView | null = null;
  #onArrival: () => void = () => undefined;
  #disposed = false;
  /** The session that the server knows. */
  readonly #known = computed(() => (this.#lost.value ? null : this.#session.value));

  readonly connection: LabConnection;
  readonly terminals: LabTerminals;
  readonly time = new LabClock(this.#known);

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
    const session = this.#known.value;
    if (page.kind !== 'step' || session?.status !== 'ready' || this.#pending.value !== null) return false;
    return !this.checking.value && session.steps.some(({ id, state }) => id === page.id && state === 'open');
  });
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

  constructor({ slug, api, connect, engine }: LabDependencies) {
    this.slug = slug;
    this.#api = api;
    this.#engine = engine;
    this.connection = new LabConnection({ slug, connect, listen: (socket) => this.#listen(socket) });
    this.terminals = new LabTerminals({
      session: this.#known,
      connection: this.connection,
      onAnswer: async (problem, run) => {
        if (problem !== null) await this.#catchUp(problem, run);
        this.#problem.value = problem;
      },
    });
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

  get pending(): ReadonlySignal<Pending | null> {
    return this.#pending;
  }

  /** What went wrong last with something the learner asked for; null once dismissed or tried again. */
  get problem(): ReadonlySignal<Problem | null> {
    return this.#problem;
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
    if (session.ok) await this.connection.open();
  }

  /** Start the lab, or start it anew where it has failed or ended. */
  async start(): Promise<void> {
    const run = this.#lost.value ? null : (this.#session.value?.run ?? null);
    await this.#ask({ what: 'start' }, () => this.#startAtOnce(run));
  }

  /**
   * Where hosts lie ready, nobody needs to see in passing, nor the browser to draw, what is shown to those who wait for
   * them.
   */
  async #startAtOnce(run: RunId | null): Promise<Result<SessionView>> {
    const arrival = Promise.withResolvers<void>();
    this.#awaited = null;
    this.#onArrival = arrival.resolve;
    // Beside the request, as who has pressed Start waits for both.
    void this.connection.open();
    const result = await this.#api.start(this.slug, run);
    const awaited = this.#awaited;
    // It was started, here or by another tab, whatever has become of the answer.
    if (!result.ok && awaited !== null) batch(() => this.#take(awaited));
    if (!result.ok && this.#session.value === null) this.connection.close();
    if (!result.ok || result.value.status !== 'provisioning') return result;
    const timer = setTimeout(arrival.resolve, AT_ONCE_MS);
    await arrival.promise;
    clearTimeout(timer);
    return { ok: true, value: this.#awaited ?? result.value };
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

  /** Type a block of the step that is read into its terminal. */
  async run(block: BlockId): Promise<boolean> {
    const page = this.#shown.value;
    return page.kind === 'step' && this.terminals.run(page.id, block);
  }

  dismissProblem(): void {
    this.#problem.value = null;
  }

  /** Leave the lab; it goes on without its page. */
  dispose(): void {
    this.#disposed = true;
    this.#onArrival();
    this.#stopReading();
    this.connection.close();
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
    if (!result.ok) await this.#catchUp(result.problem, asked);
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
    this.time.told();
    this.#onArrival();
    this.#session.value = view;
    this.terminals.follow(held, view);
    if (view.run !== held?.run) {
      this.#shown.value = pageToRead(view);
      return;
    }
    const following = samePage(this.#shown.value, { kind: 'step', id: held.current });
    if (following && view.current !== held.current) this.#shown.value = { kind: 'step', id: view.current };
  }

  /**
   * Where something was refused as what is shown is not what there is: the lab was started anew, or this browser is
   * somebody else’s since, while the socket is still of before. All of it is asked for again, by whom this browser is
   * now; but not where the socket has told of another run than the one that was asked about.
   */
  async #catchUp(problem: Problem, asked: RunId | undefined): Promise<void> {
    const isShown = this.#session.value?.run === asked;
    if (problem.error !== 'run_outdated' || !isShown || this.#disposed) return;
    batch(() => {
      this.connection.close();
      this.#session.value = null;
      this.#lost.value = false;
      this.#shown.value = { kind: 'intro' };
    });
    await this.open();
  }

  #lose(): void {
    batch(() => {
      this.#problem.value = null;
      this.#lost.value = true;
    });
  }

  #listen(socket: LabSocket): void {
    socket.on('connected', () => void this.#texts.retry());
    socket.on('refused', (problem) => {
      this.#problem.value = problem;
    });
    this.terminals.marks.watch(socket);
    socket.on('engine', (status) => this.#engine.take(status));
    socket.on('session', (view) => {
      if (view?.status === 'provisioning' && this.#pending.value?.what === 'start') this.#awaited = view;
      else if (view !== null) batch(() => this.#take(view));
      else if (this.#session.value !== null && this.#pending.value?.what !== 'start') this.#lose();
    });
  }
}
