import { randomUUID } from 'node:crypto';
import type { LogId } from '../protocol/index.ts';

/** Bytes kept of a terminal's output unless told otherwise: some 25,000 full lines of 80 columns. */
export const LOG_LIMIT = 2 * 1024 * 1024;

/**
 * Bytes are copied into chunks of this size, so that a shell printing a byte at a time costs no more memory; the most
 * that a viewer is given at once, without another copy.
 */
export const CHUNK_SIZE = 64 * 1024;

export type OutputLogOptions = { limit?: number; chunkSize?: number; id?: LogId; start?: number };

type Chunk = { readonly from: number; readonly bytes: Uint8Array; used: number };

/**
 * A terminal's output as numbered bytes: the first byte ever printed is number 0. Keeps the newest `limit`
 * bytes and forgets older ones by whole chunks, so at most one chunk less than `limit` may be left. One that goes
 * on where another ended has its `id`, and begins at a later number, `start`.
 */
export class OutputLog {
  readonly id: LogId;
  readonly #limit: number;
  readonly #chunkSize: number;
  readonly #chunks: Chunk[] = [];
  #end: number;

  constructor({
    limit = LOG_LIMIT,
    chunkSize = Math.min(CHUNK_SIZE, limit),
    id = randomUUID(),
    start = 0,
  }: OutputLogOptions = {}) {
    this.id = id;
    this.#limit = limit;
    this.#chunkSize = chunkSize;
    this.#end = start;
  }

  /** The number of the oldest byte kept. */
  get start(): number {
    return this.#chunks[0]?.from ?? this.#end;
  }

  /** The number that the next byte will have. */
  get end(): number {
    return this.#end;
  }

  append(data: Uint8Array): void {
    let rest = data;
    while (rest.byteLength > 0) {
      const chunk = this.#tail();
      const part = rest.subarray(0, this.#chunkSize - chunk.used);
      chunk.bytes.set(part, chunk.used);
      chunk.used += part.byteLength;
      this.#end += part.byteLength;
      rest = rest.subarray(part.byteLength);
    }
    while (this.#end - this.start > this.#limit) this.#chunks.shift();
  }

  /**
   * The bytes from number `from` to the end of the chunk that holds it; empty at the end of the log. `from`
   * must lie between `start` and `end`. A view, not a copy: bytes once written never change.
   */
  read(from: number): Uint8Array {
    if (from < this.start || from > this.#end) throw new RangeError(`byte ${from} is not in the log`);
    // Every chunk but the last is full, so a byte's place follows from its number.
    const chunk = this.#chunks[Math.floor((from - this.start) / this.#chunkSize)];
    return chunk === undefined ? new Uint8Array() : chunk.bytes.subarray(from - chunk.from, chunk.used);
  }

  #tail(): Chunk {
    const last = this.#chunks.at(-1);
    if (last !== undefined && last.used < this.#chunkSize) return last;
    const chunk = { from: this.#end, bytes: new Uint8Array(this.#chunkSize), used: 0 };
    this.#chunks.push(chunk);
    return chunk;
  }
}
