const CARET = 0x5e;
const CAPITAL_C = 0x43;
const NEW_LINE = 0x0a;

/**
 * Looks in a terminal's output for the sign that Ctrl-C has been taken: `^C`, which the terminal or the shell's
 * line editor shows, then a new line, then the beginning of the shell's prompt. By then the line editor has
 * taken the terminal over; before it has, keys can get lost.
 */
export class InterruptWatch {
  #awaits: 'caret' | 'c' | 'new line' | 'prompt' = 'caret';

  /** Whether the sign is complete with this next piece of output. */
  sees(data: Uint8Array): boolean {
    for (const byte of data) if (this.#completedBy(byte)) return true;
    return false;
  }

  #completedBy(byte: number): boolean {
    switch (this.#awaits) {
      case 'caret':
        if (byte === CARET) this.#awaits = 'c';
        return false;
      case 'c':
        if (byte === CAPITAL_C) this.#awaits = 'new line';
        else if (byte !== CARET) this.#awaits = 'caret';
        return false;
      case 'new line':
        if (byte === NEW_LINE) this.#awaits = 'prompt';
        return false;
      case 'prompt':
        return true;
      default:
        return this.#awaits satisfies never;
    }
  }
}
