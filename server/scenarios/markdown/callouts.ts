import type { MarkdownIt, Token } from 'markdown-it';
import type { Locale } from '../../protocol/index.ts';
import type { Reading } from './reading.ts';

const TITLES: Readonly<Record<string, Record<Locale, string>>> = {
  note: { en: 'Note', 'zh-CN': '说明' },
  tip: { en: 'Tip', 'zh-CN': '提示' },
  important: { en: 'Important', 'zh-CN': '重要' },
  warning: { en: 'Warning', 'zh-CN': '警告' },
  caution: { en: 'Caution', 'zh-CN': '注意' },
};

const MARK = /^\[!([A-Za-z]+)\][ \t]*(?:\n|$)/;

/** GitHub's callouts: a quotation whose first line is `[!NOTE]`, with a title in the text's language. */
export function callouts(md: MarkdownIt, reading: Reading): void {
  md.core.ruler.before('inline', 'callouts', (state) => {
    /** The quotations that are open, and whether each has become a callout. */
    const open: boolean[] = [];
    state.tokens = state.tokens.flatMap((token, index, tokens) => {
      if (token.type === 'blockquote_open') {
        const kind = kindOf(token, tokens.slice(index + 1, index + 4), reading);
        open.push(kind !== null);
        if (kind === null) return [token];
        token.tag = 'div';
        token.attrs = [
          ['class', `callout callout-${kind}`],
          ['role', 'note'],
        ];
        const title = new state.Token('html_block', '', 0);
        title.content = `<p class="callout-title">${TITLES[kind]?.[reading.options.locale]}</p>\n`;
        return [token, title];
      }
      if (token.type === 'blockquote_close' && open.pop()) token.tag = 'div';
      return [token];
    });
    state.tokens = state.tokens.filter((token) => !emptied.has(token));
  });
}

/** Paragraphs that have had the mark alone in them. */
const emptied = new WeakSet<Token>();

function kindOf(
  quotation: Token,
  [opening, inline, closing]: readonly Token[],
  reading: Reading,
): string | null {
  if (opening?.type !== 'paragraph_open' || !inline?.map || !closing) return null;
  const [mark, word = ''] = MARK.exec(inline.content) ?? [];
  if (mark === undefined) return null;
  const kind = word.toLowerCase();
  const [line, end] = inline.map;
  const place = reading.placeIn(line, '[!');
  if (!Object.hasOwn(TITLES, kind)) {
    const known = Object.keys(TITLES).map((each) => each.toUpperCase());
    reading.report(place, `there is no callout [!${word}]; known are ${known.join(', ')}`);
    return null;
  }
  inline.content = inline.content.slice(mark.length);
  inline.map = [line + 1, end];
  if (inline.content === '') {
    for (const token of [opening, inline, closing]) emptied.add(token);
    if ((quotation.map?.[1] ?? 0) <= end) reading.report(place, `the callout [!${word}] has no text`);
  }
  return kind;
}
