import type {
  LocalizedText,
  RunId,
  ScenarioView,
  SessionView,
  StepId,
  StepProgress,
} from '../../../server/protocol/index.ts';

/** A page of a lab's text. */
export type LabPage = { kind: 'intro' } | { kind: 'step'; id: StepId } | { kind: 'finish' };

export const samePage = (a: LabPage, b: LabPage): boolean => pageKey(a) === pageKey(b);

/** A name for a page that no other page of the lab has. */
export const pageKey = (page: LabPage): string => (page.kind === 'step' ? `step:${page.id}` : page.kind);

/** A check of a step as the list shows it. */
export type CheckRow = {
  text: LocalizedText;
  state: 'not-made' | 'checking' | 'pass' | 'fail' | 'error';
  /** What the newest verdict says; it stays readable while the check is made again. */
  reason?: LocalizedText;
  hint?: LocalizedText;
};

/** The checks of a step, in the scenario's order. */
export function checkRows(scenario: ScenarioView, session: SessionView | null, step: StepId): CheckRow[] {
  const texts = scenario.steps.find(({ id }) => id === step)?.checks ?? [];
  const progress = progressOf(session, step);
  return texts.map((text, index): CheckRow => {
    // A passed step stays passed, whatever the cluster looks like now.
    if (progress?.state === 'passed') return { text, state: 'pass' };
    const verdict = progress?.verdicts[index] ?? null;
    const words =
      verdict === null || verdict.outcome === 'pass'
        ? {}
        : {
            reason: verdict.reason,
            ...(verdict.outcome === 'fail' && verdict.hint !== undefined && { hint: verdict.hint }),
          };
    if (progress?.checking === true) return { text, state: 'checking', ...words };
    return { text, state: verdict?.outcome ?? 'not-made', ...words };
  });
}

/** Whether the learner may go on from a page, by which way, or why not. */
export type NextGate =
  | { open: true; to: LabPage | 'ask-server' }
  | {
      open: false;
      why: 'no-next' | 'not-started' | 'checking' | 'not-passed' | 'others-left' | 'not-running';
    };

/** What Next does on a page. Only the step that is current needs the server to open another. */
export function nextGate(scenario: ScenarioView, session: SessionView | null, page: LabPage): NextGate {
  if (session === null) return { open: false, why: 'not-started' };
  if (page.kind === 'finish') return { open: false, why: 'no-next' };
  const ids = scenario.steps.map(({ id }) => id);
  const at = page.kind === 'intro' ? -1 : ids.indexOf(page.id);
  const following = ids[at + 1];
  if (following !== undefined && at < ids.indexOf(session.current)) {
    return { open: true, to: { kind: 'step', id: following } };
  }
  if (following === undefined && canReadFinish(session)) return { open: true, to: { kind: 'finish' } };
  if (!hasBegun(session)) return { open: false, why: 'not-started' };
  if (session.status === 'failed' || session.status === 'ended') return { open: false, why: 'not-running' };
  const progress = progressOf(session, session.current);
  if (progress?.state === 'passed') {
    // Where all steps are open, one before may have been left out.
    const isDone = following !== undefined || session.steps.every(({ state }) => state === 'passed');
    return isDone ? { open: true, to: 'ask-server' } : { open: false, why: 'others-left' };
  }
  return { open: false, why: progress?.checking === true ? 'checking' : 'not-passed' };
}

/** Whether there are, or were, hosts for it. */
export const hasBegun = ({ status }: Pick<SessionView, 'status'>): boolean =>
  status !== 'queued' && status !== 'provisioning';

/** Whether every step has passed and was left, or cannot be left any more. */
const canReadFinish = ({ status, steps }: SessionView): boolean =>
  status === 'finished' ||
  ((status === 'ended' || status === 'failed') && steps.every(({ state }) => state === 'passed'));

/** The page that a session goes on with: what was opened last or, where all is open, what is not done yet. */
export function pageToRead(session: SessionView): LabPage {
  if (canReadFinish(session)) return { kind: 'finish' };
  const open = session.steps.find(({ state }) => state === 'open');
  return { kind: 'step', id: open?.id ?? session.current };
}

/** How long a lab may still go on. */
export type TimeLeft = {
  /** Milliseconds. */
  left: number;
  /** Whether it is time to save what is to be kept. */
  isShort: boolean;
  extension: number;
  extensionsLeft: number;
};

/** What is left of a running session's time so many milliseconds after its view has come; null where nothing ends it. */
export function timeLeft(session: SessionView | null, age: number): TimeLeft | null {
  if (session?.status !== 'ready' && session?.status !== 'finished') return null;
  if (session.time === null) return null;
  const { endsAt, extension, extensionsLeft, warning } = session.time;
  const left = Math.max(0, endsAt - session.now - age);
  return { left, isShort: left <= warning, extension, extensionsLeft };
}

/** How long a step took, in milliseconds; null where that is not known. */
export const timeTaken = ({ openedAt, passedAt }: StepProgress): number | null =>
  openedAt === null || passedAt === null ? null : passedAt - openedAt;

/** A station of the progress line. */
export type Station = {
  page: LabPage;
  title: LocalizedText | null;
  state: 'locked' | 'open' | 'passed';
  shown: boolean;
};

/** The progress line: intro, every step, finish. Stations that are not locked can be read. */
export function stations(scenario: ScenarioView, session: SessionView | null, shown: LabPage): Station[] {
  const ids = scenario.steps.map(({ id }) => id);
  const reached = session === null ? -1 : ids.indexOf(session.current);
  const station = (page: LabPage, title: LocalizedText | null, state: Station['state']): Station => ({
    page,
    title,
    state,
    shown: samePage(page, shown),
  });
  return [
    station({ kind: 'intro' }, null, session === null ? 'open' : 'passed'),
    ...scenario.steps.map(({ id, title }, index) => {
      if (index > reached) return station({ kind: 'step', id }, title, 'locked');
      const passed = progressOf(session, id)?.state === 'passed';
      return station({ kind: 'step', id }, title, passed ? 'passed' : 'open');
    }),
    station(
      { kind: 'finish' },
      null,
      (session !== null && canReadFinish(session)) || shown.kind === 'finish' ? 'open' : 'locked',
    ),
  ];
}

/**
 * Whether `view`, the answer to a request, is older than `held`: the socket's messages overtake answers.
 * `asked` is the run that was held when the request was made. Of a run that has
 * given way to another meanwhile, every answer is old.
 */
export function isBehind(view: SessionView, held: SessionView | null, asked: RunId | undefined): boolean {
  if (held === null) return false;
  if (view.run !== held.run) return held.run !== asked;
  const [a, b] = [measure(view), measure(held)];
  for (const [index, own] of a.entries()) {
    const other = b[index] ?? 0;
    if (own !== other) return own < other;
  }
  return false;
}

/** Grows with what a session has come to: with time, and within a millisecond with progress, which only moves forward. */
const measure = (view: SessionView): readonly number[] => [
  view.now,
  LIFE[view.status],
  view.steps.findIndex(({ id }) => id === view.current),
  view.steps.filter(({ state }) => state === 'passed').length,
];

// Whom there is no place for after all waits again: that is told by the socket, and no answer is older for it.
const LIFE = { queued: 0, provisioning: 0, ready: 1, finished: 2, failed: 3, ended: 4 } as const;

const progressOf = (session: SessionView | null, step: StepId): StepProgress | undefined =>
  session?.steps.find(({ id }) => id === step);
