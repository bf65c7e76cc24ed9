import type { Terminal } from '../../server/terminals/terminal.ts';
import type { Viewer } from '../../server/terminals/viewer.ts';
import { Signal } from './signal.ts';

/**
 * A viewer that keeps what it is given and checks that the bytes follow on each other. It draws at once unless
 * `drawing` is false; `draw` then says that everything given has been drawn.
 */
export class RecordingViewer implements Viewer {
  readonly #terminal: Terminal;
  readonly #parts: Uint8Array[] = [];
  readonly #changed = new Signal();
  drawing: boolean;
  /** The number of the first byte given. */
  from: number | null = null;
  /** The number after the last byte given. */
  end = 0;
  lags = 0;

  constructor(terminal: Terminal, options: { drawing: boolean } = { drawing: true }) {
    this.#terminal = terminal;
    this.drawing = options.drawing;
  }

  output(from: number, data: Uint8Array): void {
    if (this.from !== null && from !== this.end) throw new Error(`byte ${from} came after byte ${this.end}`);
    this.from ??= from;
    this.end = from + data.byteLength;
    this.#parts.push(data);
    if (this.drawing) this.draw();
    this.#changed.notify();
  }

  lagged(): void {
    this.lags += 1;
    this.#changed.notify();
  }

  draw(): void {
    this.#terminal.ack(this, this.end);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  get messages(): number {
    return this.#parts.length;
  }

  until(condition: (viewer: this) => boolean): Promise<void> {
    return this.#changed.until(() => condition(this));
  }
}
