import type { MarkdownIt } from 'markdown-it';
import type { Reading } from './reading.ts';

/** A tag of HTML, of those that authors write; `<token>` is somebody's placeholder. */
const TAG =
  /^<(?:!--|\/?(a|abbr|b|blockquote|br|button|center|code|dd|del|details|div|dl|dt|em|embed|figcaption|figure|font|form|h[1-6]|hr|i|iframe|img|input|ins|kbd|li|link|mark|object|ol|p|picture|pre|q|s|samp|script|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|th|thead|tr|u|ul|var|video|wbr)(?=[\s/>]))/i;

/** HTML in a text is shown as it is written, which its author hardly wants: it is a problem. */
export function rawHtml(md: MarkdownIt, reading: Reading): void {
  md.inline.ruler.after('autolink', 'raw-html', (state, silent) => {
    if (silent || state.src[state.pos] !== '<') return false;
    const [tag] = TAG.exec(state.src.slice(state.pos, state.pos + 20)) ?? [];
    if (tag === undefined) return false;
    const message = `${tag}${tag.endsWith('>') ? '' : '…>'} is HTML, which a text cannot have: write it in markdown, or in a code span to show it`;
    reading.report(reading.placeOf(state.src, state.pos, tag), message);
    return false;
  });
}
