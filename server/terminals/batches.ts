import type { Viewer } from './viewer.ts';

/** For how long output may be held back that comes close behind other output, in milliseconds. */
export const BATCH_MS = 4;
/** Bytes that are not held back any longer, however soon they have come. */
export const BATCH_BYTES = 64 * 1024;

type Piece = { from: number; data: Uint8Array };

/**
 * Hands a viewer few large messages instead of many small ones: what comes after a rest goes on at once, so that a key
 * is echoed without delay, and what comes close behind it is put together.
 */
export class Batches implements Viewer {
  readonly #viewer: Viewer;
  #pieces: Piece[] = [];
  #bytes = 0;
  #sentAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(viewer: Viewer) {
    this.#viewer = viewer;
  }

  output(from: number, data: Uint8Array): void {
    this.#pieces.push({ from, data });
    this.#bytes += data.byteLength;
    const rest = this.#sentAt + BATCH_MS - performance.now();
    if (rest <= 0 || this.#bytes >= BATCH_BYTES) return this.#flush();
    this.#timer ??= setTimeout(() => this.#flush(), rest);
  }

  lagged(): void {
    this.#flush();
    this.#viewer.lagged();
  }

  alive(alive: boolean): void {
    this.#flush();
    this.#viewer.alive?.(alive);
  }

  /** Nobody looks any more: what was held back is not sent. */
  drop(): void {
    this.#take();
  }

  #flush(): void {
    const pieces = this.#take();
    const [first] = pieces;
    if (first === undefined) return;
    this.#sentAt = performance.now();
    // They follow on each other.
    const data = pieces.length === 1 ? first.data : Buffer.concat(pieces.map((piece) => piece.data));
    this.#viewer.output(first.from, data);
  }

  /** What was held back, which is so no more. */
  #take(): readonly Piece[] {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#bytes = 0;
    return pieces;
  }
}
