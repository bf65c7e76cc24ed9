import { isDeepStrictEqual } from 'node:util';
import type {
  HostProgress,
  LocalizedText,
  RunId,
  SessionView,
  StepId,
  StepProgress,
  Verdict,
} from '../protocol/index.ts';
import type { Scenario, Step } from '../scenarios/scenario.ts';

/** Where a session stands. The page is sent exactly this, so nothing in it is secret. */
export type SessionState = SessionView;
type Terminals = Extract<SessionState, { status: 'ready' }>['terminals'];
type Progress = Pick<SessionState, 'run' | 'scenario' | 'steps' | 'current'>;

export type SessionEvent =
  | { type: 'host-progressed'; host: HostProgress['host']; state: 'starting' | 'ready' }
  | { type: 'provisioned'; terminals: Terminals }
  | { type: 'provision-failed'; reason: LocalizedText }
  /** Its hosts, or some of them, have gone without anybody's doing. */
  | { type: 'hosts-lost'; reason: LocalizedText }
  /** What was made before the server was started anew is there again. */
  | { type: 'adopted'; state: SessionState }
  /** The learner has opened or closed some. */
  | { type: 'terminals-changed'; terminals: Terminals }
  | { type: 'check-started'; step: StepId }
  /** Null is the verdict of a check that was not made. */
  | { type: 'checked'; step: StepId; verdicts: readonly (Verdict | null)[] }
  /** The same, but nobody had asked. */
  | { type: 'looked'; step: StepId; verdicts: readonly (Verdict | null)[] }
  | { type: 'advanced' }
  | { type: 'ended' };

/** A session that has just been started: its hosts are awaited, its first step is open. */
export function initialState(scenario: Scenario, run: RunId): SessionState {
  const [first] = scenario.steps;
  if (first === undefined) throw new Error(`scenario ${scenario.slug} has no steps`);
  return {
    status: 'provisioning',
    run,
    scenario: scenario.slug,
    current: first.id,
    steps: scenario.steps.map((step) => (step === first ? opened(lockedStep(step)) : lockedStep(step))),
    hosts: scenario.hosts.map((host) => ({ host, state: 'waiting' })),
  };
}

/**
 * A session of an earlier start of the server: until its hosts have been found again it is provisioning, with all its
 * progress. One that is over stays so.
 */
export function restoredState(scenario: Scenario, state: SessionState): SessionState {
  if (state.status === 'ended' || state.status === 'failed') return state;
  return {
    status: 'provisioning',
    ...atRest(state),
    hosts: scenario.hosts.map((host) => ({ host, state: 'waiting' })),
  };
}

/** Whether the scenario is still the one that a session was made of: the author may have changed it since. */
export const isOf = (scenario: Scenario, { steps }: SessionState): boolean =>
  steps.length === scenario.steps.length &&
  scenario.steps.every(
    ({ id, checks }, index) => steps[index]?.id === id && steps[index].verdicts.length === checks.length,
  );

/**
 * What becomes of a session by an event. It only moves forward: provisioning, ready, finished, ended, or from one of
 * the first three to failed. An event that comes too late, or that the state does not allow, changes nothing and
 * gives the same object.
 */
export function transition(state: SessionState, event: SessionEvent): SessionState {
  if (event.type === 'ended' && state.status !== 'ended') return { status: 'ended', ...atRest(state) };
  switch (state.status) {
    case 'provisioning':
      return provisioning(state, event);
    case 'ready':
      return ready(state, event);
    case 'finished':
      if (event.type === 'terminals-changed') return { ...state, terminals: event.terminals };
      return event.type === 'hosts-lost' ? lost(state, event.reason) : state;
    case 'failed':
    case 'ended':
      return state;
    default:
      return state satisfies never;
  }
}

function provisioning(
  state: Extract<SessionState, { status: 'provisioning' }>,
  event: SessionEvent,
): SessionState {
  switch (event.type) {
    case 'host-progressed':
      return hostProgressed(state, event);
    case 'provisioned':
      return { status: 'ready', ...progressOf(state), terminals: event.terminals };
    case 'provision-failed':
      return { status: 'failed', ...progressOf(state), reason: event.reason };
    case 'adopted':
      return { ...event.state, ...atRest(event.state) };
    case 'hosts-lost':
    case 'terminals-changed':
    case 'check-started':
    case 'checked':
    case 'looked':
    case 'advanced':
    case 'ended':
      return state;
    default:
      return event satisfies never;
  }
}

function ready(state: Extract<SessionState, { status: 'ready' }>, event: SessionEvent): SessionState {
  switch (event.type) {
    case 'check-started':
      return changeStep(state, event.step, (step) => ({ ...step, checking: step.state === 'open' }));
    case 'checked':
      return changeStep(state, event.step, (step) => judged(step, event.verdicts));
    case 'looked':
      return lookedAt(state, event.step, event.verdicts);
    case 'advanced':
      return advanced(state);
    case 'hosts-lost':
      return lost(state, event.reason);
    case 'terminals-changed':
      return { ...state, terminals: event.terminals };
    case 'host-progressed':
    case 'provisioned':
    case 'provision-failed':
    case 'adopted':
    case 'ended':
      return state;
    default:
      return event satisfies never;
  }
}

const lost = (state: SessionState, reason: LocalizedText): SessionState => ({
  status: 'failed',
  ...atRest(state),
  reason,
});

const lockedStep = (step: Step): StepProgress => ({
  id: step.id,
  state: 'locked',
  checking: false,
  verdicts: step.checks.map(() => null),
});

/** A step that asks for nothing has passed as soon as it is open. */
const opened = (step: StepProgress): StepProgress => ({
  ...step,
  state: step.verdicts.length === 0 ? 'passed' : 'open',
});

function judged(step: StepProgress, verdicts: readonly (Verdict | null)[]): StepProgress {
  if (step.state !== 'open' || verdicts.length !== step.verdicts.length) return { ...step, checking: false };
  return { ...step, checking: false, verdicts: [...verdicts], state: stateAfter(verdicts) };
}

const stateAfter = (verdicts: readonly (Verdict | null)[]): 'passed' | 'open' =>
  verdicts.every((verdict) => verdict?.outcome === 'pass') ? 'passed' : 'open';

/**
 * What was found without being asked: what holds is told at once, and what was told before is kept true; but nobody is
 * told that something is missing who has not asked yet.
 */
function lookedAt(
  state: Extract<SessionState, { status: 'ready' }>,
  id: StepId,
  verdicts: readonly (Verdict | null)[],
): SessionState {
  const step = state.steps.find((each) => each.id === id);
  if (step?.state !== 'open' || step.checking || verdicts.length !== step.verdicts.length) return state;
  const told = step.verdicts.map((before, index) => {
    const now = verdicts[index] ?? null;
    if (now === null) return before;
    return now.outcome === 'pass' || before !== null ? now : null;
  });
  if (isDeepStrictEqual(told, step.verdicts)) return state;
  return changeStep(state, id, (changed) => ({ ...changed, verdicts: told, state: stateAfter(verdicts) }));
}

function advanced(state: Extract<SessionState, { status: 'ready' }>): SessionState {
  const at = state.steps.findIndex((step) => step.id === state.current);
  if (state.steps[at]?.state !== 'passed') return state;
  const next = state.steps[at + 1];
  if (next === undefined) return { ...state, status: 'finished' };
  return { ...changeStep(state, next.id, opened), current: next.id };
}

function changeStep<State extends SessionState>(
  state: State,
  id: StepId,
  change: (step: StepProgress) => StepProgress,
): State {
  return { ...state, steps: state.steps.map((step) => (step.id === id ? change(step) : step)) };
}

const ORDER = ['waiting', 'starting', 'ready'] as const;

function hostProgressed(
  state: Extract<SessionState, { status: 'provisioning' }>,
  { host: name, state: reached }: Extract<SessionEvent, { type: 'host-progressed' }>,
): SessionState {
  const isBehind = (host: HostProgress) =>
    host.host === name && ORDER.indexOf(host.state) < ORDER.indexOf(reached);
  if (!state.hosts.some(isBehind)) return state;
  return {
    ...state,
    hosts: state.hosts.map((host) => (isBehind(host) ? { ...host, state: reached } : host)),
  };
}

const progressOf = ({ run, scenario, steps, current }: SessionState): Progress => ({
  run,
  scenario,
  steps,
  current,
});

/** The progress with no check under way. */
function atRest(state: SessionState): Progress {
  const progress = progressOf(state);
  return { ...progress, steps: progress.steps.map((step) => ({ ...step, checking: false })) };
}
