import type { SessionView } from './session.ts';

/** Whether fresh hosts can be had for a session that is over: it had some, or lost them, and its time is not over. */
export function canRevive(session: SessionView | null): boolean {
  if (session?.status !== 'failed' && session?.status !== 'ended') return false;
  if (session.status === 'ended' && session.why !== 'idle' && session.why !== 'away') return false;
  const hadHosts = session.steps.some(({ openedAt }) => openedAt !== null);
  const { time, now } = session;
  // It stands still while there are no hosts.
  return hadHosts && (time === null || time.endsAt > (time.heldAt ?? now));
}
