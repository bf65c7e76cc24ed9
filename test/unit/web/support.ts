import type {
  BlockRun,
  ClientMessages,
  ScenarioView,
  SessionView,
  StepProgress,
  TerminalOpened,
  Verdict,
} from '../../../server/protocol/index.ts';
import { RUN_HEADER } from '../../../server/protocol/routes.ts';
import type { Fetch } from '../../../web/src/state/api.ts';
import type { LabEvents, LabSocket } from '../../../web/src/state/lab-socket.ts';
import { Listeners } from '../../../web/src/state/listeners.ts';
import type { Problem } from '../../../web/src/state/problem.ts';

/** The run of every view here; of another, where a test says so. */
export const RUN = 'a-run';

export const scenario: ScenarioView = {
  slug: 'swarm',
  title: { en: 'A swarm', 'zh-CN': '集群' },
  summary: { en: 'Two hosts' },
  hosts: ['host01', 'host02'],
  ownHosts: false,
  minutes: 30,
  gating: 'strict',
  difficulty: null,
  unavailable: null,
  intro: { en: '<p>welcome</p>', 'zh-CN': '<p>欢迎</p>' },
  steps: [
    { id: 'first', title: { en: 'First' }, checks: [{ en: 'a holds' }, { en: 'b holds' }] },
    { id: 'second', title: { en: 'Second' }, checks: [{ en: 'c holds' }] },
  ],
};

export const passed: Verdict = { outcome: 'pass' };
export const notYet: Verdict = { outcome: 'fail', reason: { en: 'b is 1, not 2' }, hint: { en: 'Scale b.' } };

const step = (id: string, state: StepProgress['state'], checks: number): StepProgress => ({
  id,
  state,
  checking: false,
  verdicts: Array.from({ length: checks }, () => null),
  openedAt: null,
  passedAt: null,
});

type Ready = Extract<SessionView, { status: 'ready' }>;

/** A session whose hosts are up and whose first step is open. */
export const ready = (changes: Partial<Ready> = {}): Ready => ({
  status: 'ready',
  run: RUN,
  scenario: 'swarm',
  steps: [step('first', 'open', 2), step('second', 'locked', 1)],
  current: 'first',
  time: null,
  now: 0,
  frozen: false,
  terminals: [
    { id: 'host01', host: 'host01' },
    { id: 'host02', host: 'host02' },
  ],
  ...changes,
});

/** The same with the first step as given. */
export const readyWith = (first: Partial<StepProgress>): Ready =>
  ready({ steps: [{ ...step('first', 'open', 2), ...first }, step('second', 'locked', 1)] });

/** The first step has passed and the second is open. */
export const onSecond = (second: Partial<StepProgress> = {}): Ready =>
  ready({
    steps: [
      { ...step('first', 'passed', 2), verdicts: [passed, passed] },
      { ...step('second', 'open', 1), ...second },
    ],
    current: 'second',
  });

export const provisioning: SessionView = {
  status: 'provisioning',
  run: RUN,
  scenario: 'swarm',
  steps: ready().steps,
  current: 'first',
  time: null,
  now: 0,
  hosts: [
    { host: 'host01', state: 'ready' },
    { host: 'host02', state: 'starting' },
  ],
};

export const finished: SessionView = {
  ...onSecond({ state: 'passed', verdicts: [passed] }),
  status: 'finished',
};

export const ended: SessionView = {
  status: 'ended',
  run: RUN,
  scenario: 'swarm',
  steps: ready().steps,
  current: 'first',
  time: null,
  now: 0,
  why: 'asked',
};

type Answer = { status: number; body: unknown };

/** A server of canned answers, by "METHOD path". What is not among them cannot be reached. */
export class FakeServer {
  readonly requests: string[] = [];
  /** The run that the last request was about. */
  run: string | undefined;
  readonly answers = new Map<string, Answer | (() => Promise<Answer>)>();

  readonly fetch: Fetch = async (path, { method, headers }) => {
    const name = `${method} ${path}`;
    this.requests.push(name);
    this.run = headers?.[RUN_HEADER];
    const answer = this.answers.get(name);
    if (answer === undefined) throw new TypeError('Failed to fetch');
    const { status, body } = typeof answer === 'function' ? await answer() : answer;
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  };

  ok(name: string, body: unknown): void {
    this.answers.set(name, { status: 200, body });
  }

  refuse(name: string, status: number, error: string): void {
    this.answers.set(name, { status, body: { error, message: { en: `${error}.` } } });
  }

  /** Hold the answer back until the function that is returned is called. */
  hold(name: string, body: unknown, status = 200): () => void {
    const gate = Promise.withResolvers<Answer>();
    this.answers.set(name, () => gate.promise);
    return () => gate.resolve({ status, body });
  }
}

/** The page's end of a socket, with a test at the other. */
export class FakeSocket implements LabSocket {
  connected = false;
  closed = false;
  readonly runs: unknown[] = [];
  answer: BlockRun | Problem = { terminal: 'host01' };
  opened: TerminalOpened | Problem = { terminal: 'host01-2' };
  readonly #sent: { readonly [N in keyof ClientMessages]: ClientMessages[N][] } = {
    'terminal:attach': [],
    'terminal:detach': [],
    'terminal:input': [],
    'terminal:resize': [],
    'terminal:ack': [],
    'terminal:open': [],
    'terminal:close': [],
    'block:run': [],
  };
  readonly #listeners = new Listeners<LabEvents>();

  on<N extends keyof LabEvents>(name: N, listener: (message: LabEvents[N]) => void): () => void {
    return this.#listeners.on(name, listener);
  }

  send<N extends keyof ClientMessages>(name: N, message: ClientMessages[N]): void {
    if (this.connected) this.#sent[name].push(message);
  }

  async run(message: unknown): Promise<BlockRun | Problem> {
    this.runs.push(message);
    return this.answer;
  }

  async openTerminal(message: ClientMessages['terminal:open']): Promise<TerminalOpened | Problem> {
    this.#sent['terminal:open'].push(message);
    return this.opened;
  }

  close(): void {
    this.closed = true;
  }

  emit<N extends keyof LabEvents>(name: N, message: LabEvents[N]): void {
    this.#listeners.tell(name, message);
  }

  connect(): void {
    this.connected = true;
    this.emit('connected', undefined);
  }

  drop(): void {
    this.connected = false;
    this.emit('disconnected', undefined);
  }

  /** What was sent under a name since the last look. */
  take<N extends keyof ClientMessages>(name: N): ClientMessages[N][] {
    return this.#sent[name].splice(0);
  }
}
