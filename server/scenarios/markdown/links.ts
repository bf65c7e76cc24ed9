import type { MarkdownIt, StateCore, Token } from 'markdown-it';
import { inlineTokens } from './inline-tokens.ts';
import type { Reading } from './reading.ts';

/** What a link may lead to: the web, a mailbox, and a heading of its own page. */
const OUTSIDE = /^https?:\/\//i;
const MAIL = /^mailto:/i;
/** What begins with a scheme or with another host. */
const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:|[\\/]{2})/i;

/** Before the names of headings, so that none is taken for a part of the page around the text. */
const PREFIX = 'text-';

/** Links to the web open beside the lab; those to headings stay in it, and there are no others. */
export function links(md: MarkdownIt, reading: Reading): void {
  // Whatever else has a scheme, a script's address above all, stays text.
  md.validateLink = (url) => OUTSIDE.test(url.trim()) || MAIL.test(url.trim()) || !ADDRESS.test(url.trim());

  md.core.ruler.push('links', (state) => {
    const headings = namedHeadings(state);
    for (const { inline: link, line } of inlineTokens(state.tokens)) {
      if (link.type !== 'link_open') continue;
      const href = String(link.attrGet('href') ?? '');
      if (OUTSIDE.test(href)) {
        link.attrSet('target', '_blank');
        link.attrSet('rel', 'noopener');
      } else if (!MAIL.test(href)) {
        const heading = headings.get(decode(href));
        if (heading !== undefined) {
          heading.attrSet('id', PREFIX + decode(href).slice(1));
          link.attrSet('href', `#${PREFIX}${href.slice(1)}`);
        } else {
          const message = href.startsWith('#')
            ? `there is no heading ${href} in this text`
            : `a link leads to https://…, mailto:… or a heading of its text such as #title, not to “${href}”`;
          reading.report(reading.placeIn(line, href), message);
        }
      }
    }
  });
}

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
