import { isDeepStrictEqual } from 'node:util';
import type {
  EndReason,
  HostProgress,
  LocalizedText,
  Moment,
  RunId,
  SessionState,
  StepId,
  StepProgress,
  TimeLimit,
  Verdict,
} from '../protocol/index.ts';
import type { Scenario, Step } from '../scenarios/scenario.ts';

/** Where a session stands. The page is sent exactly this with the time of day, so nothing in it is secret. */
export type { SessionState } from '../protocol/index.ts';
type In<Status extends SessionState['status']> = Extract<SessionState, { status: Status }>;
type Running = In<'ready' | 'finished'>;
type Terminals = Running['terminals'];
type Progress = Pick<SessionState, 'run' | 'scenario' | 'steps' | 'current' | 'time'>;

export type SessionEvent =
  /** The engine holds no more labs. */
  | { type: 'no-room'; place: number }
  | { type: 'moved-up'; place: number }
  /** It is its turn: there is a place on the engine. */
  | { type: 'admitted'; hosts: Scenario['hosts'] }
  | { type: 'host-progressed'; host: HostProgress['host']; state: 'starting' | 'ready' }
  /** Its hosts are up; where it has had none before, `limit` is how long it may go on. */
  | { type: 'provisioned'; terminals: Terminals; limit: TimeLimitTerms | null }
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
  /** The learner has read a step, perhaps for the first time. */
  | { type: 'read'; step: StepId }
  | { type: 'advanced' }
  | { type: 'extended' }
  | { type: 'frozen' }
  | { type: 'thawed' }
  | { type: 'ended'; why: EndReason };

/** How long a lab may go on, in milliseconds. */
export type TimeLimitTerms = { length: number; extensions: number; extension: number };

const LONGEST_WARNING_MS = 10 * 60_000;

/** A session that has just been started: its hosts are awaited, and the steps are open that its gating opens. */
export function initialState(scenario: Scenario, run: RunId): In<'provisioning'> {
  const [first] = scenario.steps;
  const last = scenario.steps.at(-1);
  if (first === undefined || last === undefined) throw new Error(`scenario ${scenario.slug} has no steps`);
  const isFree = scenario.gating === 'free';
  return {
    status: 'provisioning',
    run,
    scenario: scenario.slug,
    current: isFree ? last.id : first.id,
    steps: scenario.steps.map((step) =>
      isFree || step === first ? opened(lockedStep(step)) : lockedStep(step),
    ),
    time: null,
    hosts: waiting(scenario.hosts),
  };
}

/** The same on fresh hosts, with the time that is left to the session before it and, where told, its progress. */
export function resetState(
  scenario: Scenario,
  run: RunId,
  before: SessionState,
  keepProgress: boolean,
  at: Moment,
): In<'provisioning'> {
  const anew = initialState(scenario, run);
  const time = held(before.time, at);
  if (!keepProgress) return { ...anew, time };
  const { steps, current } = atRest(before);
  // What was not yet so on hosts that are gone says nothing of the new ones.
  const kept = steps.map((step) =>
    step.state === 'open' ? { ...step, verdicts: step.verdicts.map(() => null) } : step,
  );
  return { ...anew, steps: kept, current, time };
}

/**
 * A session of an earlier start of the server: until its hosts have been found again it is provisioning, with all its
 * progress. One that waits for a place, or is over, stays so.
 */
export function restoredState(scenario: Scenario, state: SessionState, at: Moment): SessionState {
  if (state.status === 'queued' || isOver(state)) return state;
  return { status: 'provisioning', ...stopped(state, at), hosts: waiting(scenario.hosts) };
}

/** Whether it goes nowhere any more. */
export const isOver = (state: SessionState): state is In<'ended' | 'failed'> =>
  state.status === 'ended' || state.status === 'failed';

/** Whether the scenario is still the one that a session was made of: the author may have changed it since. */
export const isOf = (scenario: Scenario, { steps }: SessionState): boolean =>
  steps.length === scenario.steps.length &&
  scenario.steps.every(
    ({ id, checks }, index) => steps[index]?.id === id && steps[index].verdicts.length === checks.length,
  );

/**
 * What becomes of a session by an event at a moment. It only moves forward: queued, provisioning, ready, finished, ended,
 * or from any of the first four to failed; but while its hosts are awaited it may turn out that there is no place for
 * them yet. An event that comes too late, or that the state does not allow, changes nothing and gives the same object.
 */
export function transition(state: SessionState, event: SessionEvent, at: Moment): SessionState {
  if (event.type === 'ended' && state.status !== 'ended') {
    return { status: 'ended', ...stopped(state, at), why: event.why };
  }
  switch (state.status) {
    case 'queued':
      return queued(state, event);
    case 'provisioning':
      return provisioning(state, event, at);
    case 'ready':
      return ready(state, event, at);
    case 'finished':
      return running(state, event, at);
    case 'failed':
    case 'ended':
      return state;
    default:
      return state satisfies never;
  }
}

function queued(state: In<'queued'>, event: SessionEvent): SessionState {
  switch (event.type) {
    case 'moved-up':
      return event.place === state.place ? state : { ...state, place: event.place };
    case 'admitted':
      return { status: 'provisioning', ...progressOf(state), hosts: waiting(event.hosts) };
    case 'provision-failed':
      return { status: 'failed', ...progressOf(state), reason: event.reason };
    case 'no-room':
    case 'host-progressed':
    case 'provisioned':
    case 'hosts-lost':
    case 'terminals-changed':
    case 'adopted':
    case 'check-started':
    case 'checked':
    case 'looked':
    case 'read':
    case 'advanced':
    case 'extended':
    case 'frozen':
    case 'thawed':
    case 'ended':
      return state;
    default:
      return event satisfies never;
  }
}

function provisioning(state: In<'provisioning'>, event: SessionEvent, at: Moment): SessionState {
  switch (event.type) {
    case 'no-room':
      return { status: 'queued', ...progressOf(state), place: event.place };
    case 'host-progressed':
      return hostProgressed(state, event);
    case 'provisioned':
      return {
        status: 'ready',
        ...begun(state, event.limit, at),
        terminals: event.terminals,
        frozen: false,
      };
    case 'provision-failed':
      return { status: 'failed', ...progressOf(state), reason: event.reason };
    case 'adopted':
      return adopted(event.state, state.time, at);
    case 'moved-up':
    case 'admitted':
    case 'hosts-lost':
    case 'terminals-changed':
    case 'check-started':
    case 'checked':
    case 'looked':
    case 'read':
    case 'advanced':
    case 'extended':
    case 'frozen':
    case 'thawed':
    case 'ended':
      return state;
    default:
      return event satisfies never;
  }
}

function ready(state: In<'ready'>, event: SessionEvent, at: Moment): SessionState {
  switch (event.type) {
    case 'check-started':
      return changeStep(state, event.step, (step) => ({
        ...readFirst(step, at),
        checking: step.state === 'open',
      }));
    case 'checked':
      return changeStep(state, event.step, (step) => judged(step, event.verdicts, at));
    case 'looked':
      return lookedAt(state, event.step, event.verdicts, at);
    case 'read': {
      const step = state.steps.find(({ id }) => id === event.step);
      if (step === undefined || step.state === 'locked' || step.openedAt !== null) return state;
      return changeStep(state, event.step, (each) => readFirst(each, at));
    }
    case 'advanced':
      return advanced(state, at);
    case 'no-room':
    case 'moved-up':
    case 'admitted':
    case 'host-progressed':
    case 'provisioned':
    case 'provision-failed':
    case 'hosts-lost':
    case 'adopted':
    case 'extended':
    case 'frozen':
    case 'thawed':
    case 'terminals-changed':
    case 'ended':
      return running(state, event, at);
    default:
      return event satisfies never;
  }
}

/** What may become of hosts that run, whether there is something left to do on them or not. */
function running(state: Running, event: SessionEvent, at: Moment): SessionState {
  switch (event.type) {
    case 'hosts-lost':
      return { status: 'failed', ...stopped(state, at), reason: event.reason };
    case 'terminals-changed':
      return { ...state, terminals: event.terminals };
    case 'extended':
      return extended(state);
    case 'frozen':
    case 'thawed': {
      const frozen = event.type === 'frozen';
      return frozen === state.frozen ? state : { ...state, frozen };
    }
    case 'no-room':
    case 'moved-up':
    case 'admitted':
    case 'host-progressed':
    case 'provisioned':
    case 'provision-failed':
    case 'adopted':
    case 'check-started':
    case 'checked':
    case 'looked':
    case 'read':
    case 'advanced':
    case 'ended':
      return state;
    default:
      return event satisfies never;
  }
}

function extended(state: Running): SessionState {
  const { time } = state;
  if (time === null || time.extensionsLeft === 0) return state;
  const { endsAt, extension, extensionsLeft } = time;
  return { ...state, time: { ...time, endsAt: endsAt + extension, extensionsLeft: extensionsLeft - 1 } };
}

/** The progress of a session whose hosts have just come up: from now on its steps take time. */
function begun(state: In<'provisioning'>, limit: TimeLimitTerms | null, at: Moment): Progress {
  const progress = progressOf(state);
  const [first] = progress.steps;
  const strict = progress.steps.find(({ id }) => id === progress.current);
  const toRead = progress.steps.every(({ state: each }) => each !== 'locked') ? first : strict;
  const steps = progress.steps.map((step) => (step === toRead ? readFirst(step, at) : step));
  const fresh = limit && {
    endsAt: at + limit.length,
    extensionsLeft: limit.extensions,
    extension: limit.extension,
    warning: Math.round(Math.min(LONGEST_WARNING_MS, limit.length / 4)),
  };
  return { ...progress, steps, time: goingOn(progress.time, at) ?? fresh };
}

/** What was ready, or finished, before, with what is left of its time; nothing is frozen that was looked for. */
function adopted(state: SessionState, time: TimeLimit | null, at: Moment): SessionState {
  const rested = { ...state, ...atRest(state), time: goingOn(time, at) };
  return 'frozen' in rested ? { ...rested, frozen: false } : rested;
}

const waiting = (hosts: Scenario['hosts']): HostProgress[] =>
  hosts.map((host) => ({ host, state: 'waiting' }));

const lockedStep = (step: Step): StepProgress => ({
  id: step.id,
  state: 'locked',
  checking: false,
  verdicts: step.checks.map(() => null),
  openedAt: null,
  passedAt: null,
});

/** A step that asks for nothing has passed as soon as it is open. */
const opened = (step: StepProgress): StepProgress => ({
  ...step,
  state: step.verdicts.length === 0 ? 'passed' : 'open',
});

const readFirst = (step: StepProgress, at: Moment): StepProgress =>
  step.openedAt === null ? { ...step, openedAt: at } : step;

function judged(step: StepProgress, verdicts: readonly (Verdict | null)[], at: Moment): StepProgress {
  if (step.state !== 'open' || verdicts.length !== step.verdicts.length) return { ...step, checking: false };
  return { ...step, checking: false, verdicts: [...verdicts], ...stateAfter(verdicts, at) };
}

const stateAfter = (
  verdicts: readonly (Verdict | null)[],
  at: Moment,
): Pick<StepProgress, 'state' | 'passedAt'> =>
  verdicts.every((verdict) => verdict?.outcome === 'pass')
    ? { state: 'passed', passedAt: at }
    : { state: 'open', passedAt: null };

/**
 * What was found without being asked: what holds is told at once, and what was told before is kept true; but nobody is
 * told that something is missing who has not asked yet.
 */
function lookedAt(
  state: In<'ready'>,
  id: StepId,
  verdicts: readonly (Verdict | null)[],
  at: Moment,
): SessionState {
  const step = state.steps.find((each) => each.id === id);
  if (step?.state !== 'open' || step.checking || verdicts.length !== step.verdicts.length) return state;
  const told = step.verdicts.map((before, index) => {
    const now = verdicts[index] ?? null;
    if (now === null) return before;
    return now.outcome === 'pass' || before !== null ? now : null;
  });
  if (isDeepStrictEqual(told, step.verdicts)) return state;
  return changeStep(state, id, (changed) => ({ ...changed, verdicts: told, ...stateAfter(verdicts, at) }));
}

/** After the last step it is finished, once every step has passed: where all are open, one may have been left out. */
function advanced(state: In<'ready'>, at: Moment): SessionState {
  const index = state.steps.findIndex((step) => step.id === state.current);
  if (state.steps[index]?.state !== 'passed') return state;
  const next = state.steps[index + 1];
  if (next !== undefined) {
    return { ...changeStep(state, next.id, (step) => readFirst(opened(step), at)), current: next.id };
  }
  return state.steps.every((step) => step.state === 'passed') ? { ...state, status: 'finished' } : state;
}

function changeStep<State extends SessionState>(
  state: State,
  id: StepId,
  change: (step: StepProgress) => StepProgress,
): State {
  return { ...state, steps: state.steps.map((step) => (step.id === id ? change(step) : step)) };
}

/** Whoever has no hosts to use loses no time by it. */
const held = (time: TimeLimit | null, at: Moment): TimeLimit | null =>
  time === null || time.heldAt !== undefined ? time : { ...time, heldAt: at };

/** What was left when it was held is left now. */
function goingOn(time: TimeLimit | null, at: Moment): TimeLimit | null {
  if (time?.heldAt === undefined) return time;
  const { heldAt, ...rest } = time;
  return { ...rest, endsAt: rest.endsAt + Math.max(0, at - heldAt) };
}

/** Whether there is anything left of the time that a session may go on. */
export const hasTimeLeft = (time: TimeLimit | null, now: Moment): boolean =>
  time === null || time.endsAt > (time.heldAt ?? now);

const ORDER = ['waiting', 'starting', 'ready'] as const;

function hostProgressed(
  state: In<'provisioning'>,
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

const progressOf = ({ run, scenario, steps, current, time }: SessionState): Progress => ({
  run,
  scenario,
  steps,
  current,
  time,
});

/** The progress with no check under way. */
function atRest(state: SessionState): Progress {
  const progress = progressOf(state);
  return { ...progress, steps: progress.steps.map((step) => ({ ...step, checking: false })) };
}

/** The same where its hosts are gone, or have to be found again. */
function stopped(state: SessionState, at: Moment): Progress {
  const rested = atRest(state);
  return { ...rested, time: held(rested.time, at) };
}
