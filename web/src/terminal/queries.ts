import type { Terminal } from '@xterm/xterm';

/** What xterm answers by typing into the shell: what it is, where its cursor is, which modes and colours it has. */
const CSI_QUERIES = [
  { final: 'c' },
  { prefix: '>', final: 'c' },
  { prefix: '=', final: 'c' },
  { final: 'n' },
  { prefix: '?', final: 'n' },
  { intermediates: '$', final: 'p' },
  { prefix: '?', intermediates: '$', final: 'p' },
  { prefix: '>', final: 'q' },
  { final: 't' },
] as const;
const COLOUR_QUERIES = [4, 10, 11, 12] as const;

/** What a terminal says when a program wants to know of its focus: not a key, and no answer that anybody waits for. */
export const FOCUS_REPORTS: ReadonlySet<string> = new Set(['\u001b[I', '\u001b[O']);

/**
 * Have a terminal leave queries unanswered while `muted` says so: who has asked them is long gone or has been answered,
 * and another answer would be typed into whatever runs now.
 */
export function muteAnswers(terminal: Terminal, muted: () => boolean): void {
  for (const id of CSI_QUERIES) terminal.parser.registerCsiHandler(id, muted);
  terminal.parser.registerDcsHandler({ intermediates: '$', final: 'q' }, muted);
  for (const id of COLOUR_QUERIES) {
    terminal.parser.registerOscHandler(id, (data) => muted() && data.includes('?'));
  }
}
