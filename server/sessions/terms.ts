import type { TimeLimitTerms } from './state.ts';

/** How long labs may go on, be left alone and be waited for; in milliseconds, and null for ever. */
export type SessionTerms = {
  limit: TimeLimitTerms | null;
  /** After so long without anybody who looks, output or input, hosts are frozen … */
  freezeAfter: number | null;
  /** … and after so long again, removed. */
  reapAfter: number | null;
  /** How many may wait for a place on the engine; one more is refused. */
  queue: number;
  /** How long whoever waits for one, or whose turn it has become, may stay away. */
  awayAfter: number | null;
};

/** Labs go on until somebody ends them, and nobody waits. */
export const NO_TERMS: SessionTerms = {
  limit: null,
  freezeAfter: null,
  reapAfter: null,
  queue: 0,
  awayAfter: null,
};
