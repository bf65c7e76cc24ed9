import type { ApiError } from '../../../server/protocol/index.ts';

/**
 * Why something that the page asked for did not happen: the server's own words, no answer at all, or an
 * answer that is not Drydock's (a proxy's error page, for instance).
 */
export type Problem = ApiError | { error: 'unreachable' } | { error: 'unexpected'; status: number };

/** What a request came to. Expected failures are values, so that no caller can forget them. */
export type Result<T> = { ok: true; value: T } | { ok: false; problem: Problem };
