import { z } from 'zod';
import { HostName, LocalizedText, RunId, Slug, StepId, TerminalId } from './names.ts';
import { Verdict } from './verdict.ts';

/** How far a host has come while its cluster is made. */
export const HostProgress = z.strictObject({
  host: HostName,
  state: z.enum(['waiting', 'starting', 'ready']),
});
export type HostProgress = z.infer<typeof HostProgress>;

/** A step as the learner has it. A passed step stays passed; the first that is not passed is open. */
export const StepProgress = z.strictObject({
  id: StepId,
  state: z.enum(['locked', 'open', 'passed']),
  /** True while its checks are being made. */
  checking: z.boolean(),
  /** The newest verdict of each of the step's checks, in the scenario's order; null where none was made yet. */
  verdicts: z.array(Verdict.nullable()),
});
export type StepProgress = z.infer<typeof StepProgress>;

const progress = {
  run: RunId,
  scenario: Slug,
  steps: z.array(StepProgress),
  /** The step that the server has opened last; the learner may read it and every one before it. */
  current: StepId,
};

/** One learner's run of one scenario. Sent whole whenever it changes: it is small. */
export const SessionView = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('provisioning'), ...progress, hosts: z.array(HostProgress) }),
  z.strictObject({
    status: z.literal('ready'),
    ...progress,
    terminals: z.array(z.strictObject({ id: TerminalId, host: HostName })),
  }),
  /** Every step has passed; the terminals stay until the session is ended. */
  z.strictObject({
    status: z.literal('finished'),
    ...progress,
    terminals: z.array(z.strictObject({ id: TerminalId, host: HostName })),
  }),
  z.strictObject({ status: z.literal('failed'), ...progress, reason: LocalizedText }),
  z.strictObject({ status: z.literal('ended'), ...progress }),
]);
export type SessionView = z.infer<typeof SessionView>;
