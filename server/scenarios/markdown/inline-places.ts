import type { MarkdownIt } from 'markdown-it';
import type { Reading } from './reading.ts';

/** Reads inline content as ever, and lets the reading know where each begins. */
export function inlinePlaces(md: MarkdownIt, reading: Reading): void {
  md.core.ruler.at('inline', (state) => {
    let line = 0;
    for (const token of state.tokens) {
      // A cell of a table has no place of its own; its row has.
      line = token.map?.[0] ?? line;
      if (token.type !== 'inline') continue;
      reading.beginAt(line);
      state.md.inline.parse(token.content, state.md, state.env, token.children ?? []);
    }
  });
}
