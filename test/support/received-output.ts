import type { Page } from 'playwright-core';
import { z } from 'zod';
import type { ServerMessages, TerminalId } from '../../server/protocol/index.ts';
import { terminalParser } from '../../server/protocol/terminal-packets.ts';

/** Colours, titles and modes: what of a terminal's output is not text. */
// oxlint-disable-next-line no-control-regex
const SEQUENCES = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B]|[=>])/g;
/**
 * A line's prompt. It may stand behind any number of carriage returns: the line editor draws it anew, and programs show
 * their progress on one line.
 */
const PROMPT = /^(?:[^]*\r)?host0\d:[^\r]*?[#$] /;

const Output = z.tuple([
  z.literal('terminal:output'),
  z.object({ id: z.string(), from: z.number(), data: z.instanceof(Uint8Array) }),
]);

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
      const decoder = new terminalParser.Decoder();
      decoder.on('decoded', ({ data }) => this.#receive(Output.parse(data)[1]));
      socket.on('framereceived', ({ payload }) => {
        // Nothing else that is bytes is sent to a page.
        if (typeof payload !== 'string') decoder.add(payload);
      });
    });
  }

  /** The text of a terminal so far. */
  text(id: TerminalId): string {
    return this.#outputs.get(id)?.toString() ?? '';
  }

  /** A page that comes back is sent again what it had not drawn; `from` tells where that begins. */
  #receive({ id, from, data }: ServerMessages['terminal:output']): void {
    const held = this.#outputs.get(id) ?? Buffer.alloc(0);
    this.#outputs.set(id, Buffer.concat([held.subarray(0, from), data]));
  }
}
