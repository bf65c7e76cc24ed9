import { CHUNK_SIZE } from './output-log.ts';

/** Bytes that any viewer may be given ahead of what it has drawn, whatever its link. */
export const LEAST_WINDOW = 128 * 1024;
/** What a viewer is given ahead of whom nothing is known yet. */
export const FIRST_WINDOW = 256 * 1024;
/** And at most: half of what is kept of a terminal. */
export const MOST_WINDOW = 1024 * 1024;

/** What a viewer may have been given beyond what it had drawn as it was attached: a window and some of a chunk. */
const MOST_HAD = MOST_WINDOW + CHUNK_SIZE;

/**
 * Milliseconds of what a viewer draws that may wait on its way and its screen, beside as much again as is on the way:
 * Ctrl-C, and what other terminals print, wait for all of it.
 */
const QUEUE_MS = 10;
/** So many of the newest rates count, of which the best is taken: one alone may have met a pause. */
const RATES = 16;
/** Pieces that are remembered until they are drawn; what comes on top of them counts as one with the last. */
const MOST_GIVEN = 1024;

/** From which byte on a viewer is attached, and how many there are then. */
export type Attached = { since: number; end: number };

type Given = { end: number; readonly at: number; readonly drawnBefore: number };

/** How many bytes a viewer may be given ahead of what it has drawn, and be behind before the shell waits for it. */
export interface ViewerWindow {
  readonly size: number;
  /** Everything before byte `end` has been given, and nothing more. */
  given(end: number, drawn: number): void;
  /** Everything before byte `through` has been drawn. */
  drawn(through: number): void;
}

/**
 * As much as keeps a viewer's link and screen busy, and little more. Measured by what it draws: how long the first byte
 * takes to be told of as drawn, at best, and how many are drawn in that time. A fixed window is too small for a link
 * that is fast and far, and on one that is slow it is what a learner waits for after Ctrl-C.
 */
export class MeasuredWindow implements ViewerWindow {
  size = FIRST_WINDOW;
  /** Of what is before this byte nothing is learnt: the viewer may say that it has drawn it before it is given it anew. */
  readonly #had: number;
  readonly #now: () => number;
  readonly #given: Given[] = [];
  /** Milliseconds from giving to drawn, at best: the newest alone would have what waits on the way in them. */
  #way = Infinity;
  /** Bytes a millisecond. */
  readonly #rates: number[] = [];

  constructor({ since, end }: Attached = { since: 0, end: 0 }, now: () => number = () => performance.now()) {
    this.#had = Math.min(end, since + MOST_HAD);
    this.#now = now;
  }

  given(end: number, drawn: number): void {
    const last = this.#given.at(-1);
    if (last !== undefined && this.#given.length >= MOST_GIVEN) last.end = end;
    else this.#given.push({ end, at: this.#now(), drawnBefore: drawn });
  }

  drawn(through: number): void {
    const now = this.#now();
    const undrawn = this.#given.findIndex(({ end }) => end > through);
    const last = this.#given.splice(0, undrawn === -1 ? this.#given.length : undrawn).at(-1);
    if (last === undefined || last.end <= this.#had) return;
    const took = Math.max(0.1, now - last.at);
    this.#way = Math.min(this.#way, took);
    this.#rates.push((through - last.drawnBefore) / took);
    if (this.#rates.length > RATES) this.#rates.shift();
    // Twice the way: with what is on it alone, a window would never grow to what a far link carries.
    const wanted = Math.max(...this.#rates) * (2 * this.#way + QUEUE_MS);
    this.size = Math.min(MOST_WINDOW, Math.max(LEAST_WINDOW, Math.ceil(wanted)));
  }
}
