import { MAX_INPUT_BYTES, MAX_PASTE_BYTES, TERMINAL_SIZES } from '../../../server/protocol/limits.ts';
import type { LogId, RunId, TerminalId } from '../../../server/protocol/index.ts';
import type { LabSocket } from '../state/lab-socket.ts';

/** What a link needs of a terminal emulator. */
export interface Screen {
  /**
   * Draw bytes; `drawn` is called once they are on the screen. What is old has been shown before, here or elsewhere:
   * it rings no bell, and what it asks of the terminal has been answered.
   */
  write(data: Uint8Array | string, options?: { old?: boolean; drawn?: () => void }): void;
}

/** Sentences that the link writes between the shell's own output. */
export type TerminalNotes = {
  /** `bytes` of output came before what follows and are no longer kept. */
  gap: (bytes: number) => string;
  /** So many bytes are more than `most`, which can be pasted at once: none was. */
  longPaste: (bytes: number, most: number) => string;
};

/**
 * Ties a screen to one terminal on the server. Output is bytes with numbers, so that after a broken
 * connection the screen goes on where it was: attached from the last byte drawn, what was received but not
 * yet drawn is skipped when it comes again.
 */
export class TerminalLink {
  readonly #socket: LabSocket;
  readonly #run: RunId;
  readonly #id: TerminalId;
  readonly #screen: Screen;
  readonly #notes: () => TerminalNotes;
  readonly #encoder = new TextEncoder();
  readonly #stops: (() => void)[];
  /** The log that bytes are numbered in; undefined before the first. */
  #log: LogId | undefined;
  /** The offset after the last byte that was given to the screen. */
  #received = 0;
  /** The offset after the last byte that the screen has drawn. */
  #drawn = 0;
  /** Everything before this offset is old. */
  #old = 0;
  #attaching = false;
  /** Whether the hosts were last told of as not there yet. */
  #lookedFor = false;
  #size: { columns: number; rows: number } | null = null;
  #disposed = false;

  /** `notes` is asked at the moment of writing, so that it can follow the language. */
  constructor(
    socket: LabSocket,
    { run, id }: { run: RunId; id: TerminalId },
    screen: Screen,
    notes: () => TerminalNotes,
  ) {
    this.#socket = socket;
    this.#run = run;
    this.#id = id;
    this.#screen = screen;
    this.#notes = notes;
    this.#stops = [
      socket.on('connected', () => this.#attach()),
      socket.on('session', (view) => {
        // Where its hosts are found again in the moment of the attach, that has met nothing, and no page is drawn between.
        if (view?.status === 'provisioning') this.#lookedFor = true;
        else if (this.#lookedFor && view?.run === run) {
          this.#lookedFor = false;
          this.#attach();
        }
      }),
      socket.on('terminal:state', (state) => {
        // Only the first since it was attached says what came before that.
        if (state.id !== id || !this.#attaching) return;
        this.#attaching = false;
        if (this.#log !== undefined && state.log !== this.#log) this.#beginAnew();
        this.#log = state.log;
        this.#old = state.end;
      }),
      socket.on('terminal:output', (output) => {
        // What comes before any state is of a terminal that had this name before.
        if (output.id === id && this.#log !== undefined) this.#output(output.from, output.data);
      }),
    ];
    if (socket.connected) this.#attach();
  }

  /** Send what was typed or pasted: all of it or, of too much, nothing, which is said. */
  type(text: string): void {
    const data = this.#encoder.encode(text);
    if (data.byteLength <= MAX_PASTE_BYTES) this.#input(data);
    else this.#note(this.#notes().longPaste(data.byteLength, MAX_PASTE_BYTES));
  }

  /** Send bytes that are no text, as old mouse reports are: one byte a character. */
  typeBinary(bytes: string): void {
    this.#input(Uint8Array.from(bytes, (character) => character.charCodeAt(0) & 0xff));
  }

  /** Tell the shell how large the screen is. Sizes that the protocol does not know are brought within it. */
  resize(columns: number, rows: number): void {
    const size = {
      columns: clamp(columns, TERMINAL_SIZES.columns),
      rows: clamp(rows, TERMINAL_SIZES.rows),
    };
    if (size.columns === this.#size?.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#socket.send('terminal:resize', { id: this.#id, ...size });
  }

  /** Stop receiving; the shell goes on. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const stop of this.#stops) stop();
    this.#socket.send('terminal:detach', { id: this.#id });
  }

  #attach(): void {
    this.#attaching = true;
    const known = this.#log === undefined ? {} : { log: this.#log };
    this.#socket.send('terminal:attach', { run: this.#run, id: this.#id, ...known, since: this.#drawn });
    if (this.#size !== null) this.#socket.send('terminal:resize', { id: this.#id, ...this.#size });
  }

  /** What comes is of another log than what is on the screen, and numbered from its own beginning. */
  #beginAnew(): void {
    this.#received = 0;
    this.#drawn = 0;
    // Ends an escape sequence that the other may have begun.
    this.#screen.write('\u0018');
  }

  #output(from: number, data: Uint8Array): void {
    const end = from + data.byteLength;
    if (from > this.#received) {
      // CAN ends an escape sequence that the gap may have cut.
      this.#screen.write('\u0018');
      this.#note(this.#notes().gap(from - this.#received));
      this.#received = from;
    }
    if (from < this.#received) {
      const repeated = this.#received - from;
      // It may have been drawn between attaching and now: without this the server would wait for its ack.
      this.#ack();
      if (repeated >= data.byteLength) return;
      data = data.subarray(repeated);
    }
    const old = Math.min(data.byteLength, Math.max(0, this.#old - this.#received));
    this.#received = end;
    const log = this.#log;
    const drawn = (): void => {
      if (log !== this.#log) return;
      this.#drawn = Math.max(this.#drawn, end);
      if (!this.#disposed) this.#ack();
    };
    if (old === data.byteLength) return this.#screen.write(data, { old: true, drawn });
    if (old > 0) this.#screen.write(data.subarray(0, old), { old: true });
    this.#screen.write(data.subarray(old), { drawn });
  }

  #ack(): void {
    this.#socket.send('terminal:ack', { id: this.#id, through: this.#drawn });
  }

  #note(text: string): void {
    this.#screen.write(`\r\n\u001b[0;2m${text}\u001b[0m\r\n`);
  }

  #input(data: Uint8Array<ArrayBuffer>): void {
    for (let start = 0; start < data.byteLength; start += MAX_INPUT_BYTES) {
      const part = data.subarray(start, start + MAX_INPUT_BYTES);
      this.#socket.send('terminal:input', { id: this.#id, data: part });
    }
  }
}

const clamp = (value: number, { least, most }: { least: number; most: number }): number =>
  Math.min(most, Math.max(least, Math.floor(value)));
