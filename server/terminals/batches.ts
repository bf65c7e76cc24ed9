import { CHUNK_SIZE } from './output-log.ts';
import type { Viewer } from './viewer.ts';

/** For how long output may be held back that comes close behind other output, in milliseconds. */
export const BATCH_MS = 4;
type Piece = { readonly from: number; readonly data: Uint8Array };

/**
 * Hands a viewer few large messages instead of many small ones: what comes after a rest goes on at once, so that a key
 * is echoed without delay, and what comes close behind it is put together. Only what lies together in memory is, as what
 * comes from a chunk of a terminal's log does: nothing is copied.
 */
export class Batches implements Viewer {
  readonly #viewer: Viewer;
  #held: Piece | null = null;
  #sentAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(viewer: Viewer) {
    this.#viewer = viewer;
  }

  output(from: number, data: Uint8Array): void {
    let held = this.#held;
    if (held !== null && liesBehind(held.data, data)) {
      held = { from: held.from, data: joined(held.data, data) };
    } else {
      this.#flush();
      held = { from, data };
    }
    this.#held = held;
    const rest = this.#sentAt + BATCH_MS - performance.now();
    // More than a chunk does not lie together.
    if (rest <= 0 || held.data.byteLength >= CHUNK_SIZE) return this.#flush();
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
    const held = this.#take();
    if (held === null) return;
    this.#sentAt = performance.now();
    this.#viewer.output(held.from, held.data);
  }

  /** What was held back, which is so no more. */
  #take(): Piece | null {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const held = this.#held;
    this.#held = null;
    return held;
  }
}

const liesBehind = (data: Uint8Array, next: Uint8Array): boolean =>
  next.buffer === data.buffer && next.byteOffset === data.byteOffset + data.byteLength;

const joined = (data: Uint8Array, next: Uint8Array): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength + next.byteLength);
