import { z } from 'zod';
import { HostName, LocalizedText, RunId, Slug, StepId, TerminalId } from './names.ts';
import { Verdict } from './verdict.ts';

/** How far a host has come while its cluster is made. */
export const HostProgress = z.strictObject({
  host: HostName,
  state: z.enum(['waiting', 'starting', 'ready']),
});
export type HostProgress = z.infer<typeof HostProgress>;

/** Milliseconds since a session was started, on a clock that goes on while no server runs and that nobody can set. */
export const Moment = z.int().nonnegative();
export type Moment = z.infer<typeof Moment>;

/** A step as the learner has it. A passed step stays passed; which are open is the scenario's gating. */
export const StepProgress = z.strictObject({
  id: StepId,
  state: z.enum(['locked', 'open', 'passed']),
  /** True while its checks are being made. */
  checking: z.boolean(),
  /** The newest verdict of each of the step's checks, in the scenario's order; null where none was made yet. */
  verdicts: z.array(Verdict.nullable()),
  /** When the learner first had it, with hosts to do it on. */
  openedAt: Moment.nullable(),
  /** When its checks passed. */
  passedAt: Moment.nullable(),
});
export type StepProgress = z.infer<typeof StepProgress>;

/** How long a lab may go on once its hosts are ready. */
export const TimeLimit = z.strictObject({
  endsAt: Moment,
  /** How often the learner may still put the end off … */
  extensionsLeft: z.int().nonnegative(),
  /** … by so many milliseconds each time. */
  extension: z.int().positive(),
  /** So many milliseconds before the end the learner is told that it is near. */
  warning: z.int().nonnegative(),
  /** Since when it stands still, as there are no hosts to use; it goes on, put off by as much, once there are. */
  heldAt: Moment.optional(),
});
export type TimeLimit = z.infer<typeof TimeLimit>;

/** Why a session is over that has not failed. */
export const EndReason = z.enum(['asked', 'left-queue', 'expired', 'idle', 'away', 'operator']);
export type EndReason = z.infer<typeof EndReason>;

const progress = {
  run: RunId,
  scenario: Slug,
  steps: z.array(StepProgress),
  /** The last step that is not locked; the learner may read it and every one before it. */
  current: StepId,
  /** Null where it may go on for ever, and before its hosts were ready first. */
  time: TimeLimit.nullable(),
};

/** The terminals of hosts that run; or that are `frozen`, since nobody looked for long, and go on once somebody does. */
const running = {
  terminals: z.array(z.strictObject({ id: TerminalId, host: HostName })),
  frozen: z.boolean(),
};

/** Where a session stands. */
export const SessionState = z.discriminatedUnion('status', [
  /** The engine holds no more labs; it is this one's turn after `place` - 1 others. */
  z.strictObject({ status: z.literal('queued'), ...progress, place: z.int().positive() }),
  z.strictObject({ status: z.literal('provisioning'), ...progress, hosts: z.array(HostProgress) }),
  z.strictObject({ status: z.literal('ready'), ...progress, ...running }),
  /** Every step has passed; the terminals stay until the session is ended. */
  z.strictObject({ status: z.literal('finished'), ...progress, ...running }),
  z.strictObject({ status: z.literal('failed'), ...progress, reason: LocalizedText }),
  z.strictObject({ status: z.literal('ended'), ...progress, why: EndReason }),
]);
export type SessionState = z.infer<typeof SessionState>;

/** What is read off the session's clock when it is sent. */
const now = { now: Moment };

/** One learner's run of one scenario. Sent whole whenever it changes: it is small. */
export const SessionView = z.discriminatedUnion('status', [
  /** Whoever waits may stay away for so many milliseconds, or for ever. */
  SessionState.options[0].extend({ ...now, awayAfter: z.number().nonnegative().nullable() }),
  SessionState.options[1].extend(now),
  SessionState.options[2].extend(now),
  SessionState.options[3].extend(now),
  SessionState.options[4].extend(now),
  SessionState.options[5].extend(now),
]);
export type SessionView = z.infer<typeof SessionView>;
