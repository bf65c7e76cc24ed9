import { batch, signal, type ReadonlySignal } from '@preact/signals';
import type { LogId, TerminalId } from '../../../server/protocol/index.ts';
import type { LabSocket } from './lab-socket.ts';

/** What terminals that are not looked at have to say: that there is new output, or no shell any more. */
export class TerminalMarks {
  readonly #unseen = signal<ReadonlySet<TerminalId>>(new Set());
  readonly #ended = signal<ReadonlySet<TerminalId>>(new Set());
  /** Of each terminal, its log and the number after the last byte of it that was known of. */
  readonly #known = new Map<TerminalId, { log: LogId; end: number }>();
  #seen: ReadonlySet<TerminalId> = new Set();

  /** Terminals that have printed something since they were looked at last. */
  get unseen(): ReadonlySignal<ReadonlySet<TerminalId>> {
    return this.#unseen;
  }

  /** Terminals whose shell has ended. */
  get ended(): ReadonlySignal<ReadonlySet<TerminalId>> {
    return this.#ended;
  }

  watch(socket: LabSocket): void {
    socket.on('terminal:state', ({ id, alive, log, end }) => {
      // What was there when the page first heard of a log is not news.
      if (this.#known.get(id)?.log !== log) this.#known.set(id, { log, end });
      change(this.#ended, id, !alive);
    });
    socket.on('terminal:output', ({ id, from, data }) => {
      const end = from + data.byteLength;
      const known = this.#known.get(id);
      if (known === undefined || end <= known.end) return;
      known.end = end;
      if (!this.#seen.has(id)) change(this.#unseen, id, true);
    });
  }

  /** These are looked at from now on, and no others. */
  see(terminals: readonly TerminalId[]): void {
    this.#seen = new Set(terminals);
    batch(() => {
      for (const id of terminals) change(this.#unseen, id, false);
    });
  }

  /** Bytes are numbered anew: another run, or a terminal that has taken the name of one that was closed. */
  forget(id?: TerminalId): void {
    const all = id === undefined ? [...this.#known.keys()] : [id];
    batch(() => {
      for (const each of all) {
        this.#known.delete(each);
        change(this.#unseen, each, false);
        change(this.#ended, each, false);
      }
    });
  }
}

function change(
  marks: { value: ReadonlySet<TerminalId>; peek(): ReadonlySet<TerminalId> },
  id: TerminalId,
  marked: boolean,
): void {
  const before = marks.peek();
  if (before.has(id) === marked) return;
  const after = new Set(before);
  if (marked) after.add(id);
  else after.delete(id);
  marks.value = after;
}
