import type { StepId } from '../../../server/protocol/index.ts';

/** What the learner has asked for and the server has not answered yet. */
export type Pending =
  { what: 'start' | 'next' | 'end' | 'extend' | 'reset' } | { what: 'check'; step: StepId };

/**
 * Whether something may be asked while something else has no answer yet, whose answer then no longer counts. Who ends
 * the lab waits for nothing; for what the checks say, which the socket brings too, nobody needs to wait.
 */
export function supersedes(asking: Pending, pending: Pending | null): boolean {
  if (pending === null || asking.what === 'end') return true;
  return asking.what !== 'check' && pending.what === 'check';
}
