import type { Token } from 'markdown-it';

/** All inline tokens of a text, each with the line that it is in, from 0; those of a table's cell with its row's. */
export function* inlineTokens(tokens: readonly Token[]): Generator<{ inline: Token; line: number }> {
  let line = 0;
  for (const token of tokens) {
    line = token.map?.[0] ?? line;
    for (const inline of token.children ?? []) {
      if (inline.type === 'softbreak' || inline.type === 'hardbreak') line += 1;
      yield { inline, line };
    }
  }
}
