import type { Page } from 'playwright-core';
import type { TerminalId } from '../../server/protocol/index.ts';

/** Colours, titles and modes: what of a terminal's output is not text. */
// oxlint-disable-next-line no-control-regex
const SEQUENCES = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B]|[=>])/g;
/**
 * A line's prompt. It may stand behind any number of carriage returns: the line editor draws it anew, and programs show
 * their progress on one line.
 */
const PROMPT = /^(?:[^]*\r)?host0\d:[^\r]*?[#$] /;

/** socket.io's text frame before the frame of bytes that belongs to it. */
const HEADER = /^451-\["terminal:output",(\{.*\})\]$/;

/** How many lines of a terminal's output begin with a prompt. */
export function countPrompts(output: string): number {
  return output.split('\n').filter((line) => PROMPT.test(line.replaceAll(SEQUENCES, ''))).length;
}

/**
 * Everything that a page was sent of its terminals, also what they show no more. To be made before the page opens
 * its socket.
 */
export class ReceivedOutput {
  readonly #outputs = new Map<TerminalId, Buffer>();

  constructor(page: Page) {
    page.on('websocket', (socket) => {
      let header: string | undefined;
      socket.on('framereceived', ({ payload }) => {
        if (typeof payload === 'string') header = HEADER.exec(payload)?.[1];
        else if (header !== undefined) this.receive(header, payload);
      });
    });
  }

  /** The text of a terminal so far. */
  text(id: TerminalId): string {
    return this.#outputs.get(id)?.toString() ?? '';
  }

  /** A page that comes back is sent again what it had not drawn; `from` tells where that begins. */
  receive(header: string, data: Buffer): void {
    const { id, from }: { id: TerminalId; from: number } = JSON.parse(header);
    const held = this.#outputs.get(id) ?? Buffer.alloc(0);
    this.#outputs.set(id, Buffer.concat([held.subarray(0, from), data]));
  }
}
