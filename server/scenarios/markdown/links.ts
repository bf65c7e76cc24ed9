import type { MarkdownIt, StateCore, Token } from 'markdown-it';
import { inlineTokens } from './inline-tokens.ts';
import type { Place, Reading } from './reading.ts';

/** What a link may lead to: the web, a mailbox, and a heading of its own page. */
const OUTSIDE = /^https?:\/\//i;
const MAIL = /^mailto:/i;
/** What begins with a scheme or with another host. */
const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:|[\\/]{2})/i;

/** A variable, of whose brackets an address loses a pair, as if one of the sixth version stood there. */
const ADDRESS_OF_HOST = /\[HOST\d+_IP\]/;

/** Before the names of headings, so that none is taken for a part of the page around the text. */
const PREFIX = 'text-';

/** Links to the web open beside the lab; those to headings stay in it, and there are no others. */
export function links(md: MarkdownIt, reading: Reading): void {
  let written: Map<string, Place[]> | null = null;
  // Whatever else has a scheme, a script's address above all, stays text.
  md.validateLink = (url) => {
    const to = url.trim();
    if (OUTSIDE.test(to) || MAIL.test(to) || !ADDRESS.test(to)) return true;
    written ??= writtenLinks(reading.lines);
    const seen = decode(to);
    for (const place of written.get(seen) ?? []) reading.report(place, leadsElsewhere(seen));
    written.delete(seen);
    return false;
  };

  md.core.ruler.push('links', (state) => {
    const headings = namedHeadings(state);
    for (const { inline: link, line } of inlineTokens(state.tokens)) {
      if (link.type !== 'link_open') continue;
      const href = String(link.attrGet('href') ?? '');
      const seen = decode(href);
      if (ADDRESS_OF_HOST.test(seen)) {
        reading.report(
          reading.placeIn(line, '[['),
          'a link cannot lead to a host, which the reader’s browser does not reach: use curl instead',
        );
      } else if (OUTSIDE.test(href)) {
        link.attrSet('target', '_blank');
        link.attrSet('rel', 'noopener');
      } else if (!MAIL.test(href)) {
        const heading = headings.get(seen);
        const place = reading.placeIn(line, seen);
        if (heading !== undefined) {
          heading.attrSet('id', PREFIX + seen.slice(1));
          link.attrSet('href', `#${PREFIX}${href.slice(1)}`);
        } else if (href.startsWith('#')) reading.report(place, `there is no heading ${seen} in this text`);
        else reading.report(place, leadsElsewhere(seen));
      }
    }
  });
}

/** Where a link leads to, as it is written: between `<` and `>`, or with brackets in it only in pairs. */
const WRITTEN = /(?<=\]\(<)[^<>]+(?=>)|(?<=\]\(|\]: )(?:[^\s()<>]|\((?:[^\s()<>]|\([^\s()<>]*\))*\))+/g;

/** Where a text leads to by links, and the first place of each in a line; `<name:tag>` is somebody's placeholder. */
function writtenLinks(lines: readonly string[]): Map<string, Place[]> {
  const written = new Map<string, Place[]>();
  for (const [line, text] of lines.entries()) {
    for (const { 0: to, index: column } of text.matchAll(WRITTEN)) {
      const places = written.get(to);
      if (places === undefined) written.set(to, [{ line, column }]);
      else if (places.at(-1)?.line !== line) places.push({ line, column });
    }
  }
  return written;
}

const leadsElsewhere = (to: string): string =>
  `a link leads to https://…, mailto:… or a heading of its text such as #title, not to “${to}”`;

/** The headings of a text, by what GitHub would have a link to them be. */
function namedHeadings({ tokens }: StateCore): Map<string, Token> {
  const named = new Map<string, Token>();
  for (const [index, token] of tokens.entries()) {
    if (token.type !== 'heading_open') continue;
    const words = (tokens[index + 1]?.children ?? []).map(({ content }) => content).join('');
    const name = `#${words
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
      .replaceAll(/\s/g, '-')}`;
    if (!named.has(name)) named.set(name, token);
  }
  return named;
}

function decode(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch {
    // Not what an encoder has made; then it is meant as it stands.
    return href;
  }
}
