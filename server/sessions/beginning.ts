import { randomUUID } from 'node:crypto';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Session } from './session.ts';
import { SessionClock } from './session-clock.ts';
import { initialState, resetState, restoredState, type SessionState } from './state.ts';
import type { StoredSession } from './store.ts';

/** Where only the time of day tells how long no server ran, a lab that is found again has so much time left at least. */
const LEAST_LEFT_MS = 5 * 60_000;

/** What a session goes on from that is not new. */
export type SessionOrigin =
  /** What an earlier start of the server has kept of it. */
  | { type: 'stored'; stored: StoredSession }
  /** Another that gives way to it; its hosts are made once those of the other have been removed. */
  | { type: 'reset'; before: Session; keepProgress: boolean };

/** What a session starts with: `since` in ISO 8601. */
export type SessionBeginning = { state: SessionState; clock: SessionClock; since: string };

export function beginning(scenario: Scenario, origin: SessionOrigin | undefined): SessionBeginning {
  switch (origin?.type) {
    case undefined:
      return {
        state: initialState(scenario, randomUUID()),
        clock: new SessionClock(),
        since: new Date().toISOString(),
      };
    case 'stored': {
      const { state, since } = origin.stored;
      const latest = state.time === null ? Infinity : state.time.endsAt - LEAST_LEFT_MS;
      const clock = SessionClock.resume(origin.stored.clock, latest);
      return { state: restoredState(scenario, state, clock.now), clock, since };
    }
    case 'reset': {
      const { view, clock, since } = origin.before;
      const state = resetState(scenario, randomUUID(), view, origin.keepProgress, clock.now);
      return { state, clock, since };
    }
    default:
      return origin satisfies never;
  }
}

/** What has happened, for the log. */
export const wordOf = (origin: SessionOrigin | undefined): string => {
  if (origin === undefined) return 'started';
  return origin.type === 'stored' ? 'restored' : 'reset';
};
