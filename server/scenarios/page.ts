import MarkdownIt from 'markdown-it';
import { LOCALES, type Locale, type LocalizedText } from '../protocol/index.ts';
import type { CommandBlock, Page, RenderedPage } from './scenario.ts';
import { standIn, VARIABLE } from './variables.ts';

const { escapeHtml } = new MarkdownIt().utils;

type Variables = Readonly<Record<string, string>>;

/** A page from its texts, which have been found to have the same blocks. */
export function createPage(html: LocalizedText, blocks: readonly CommandBlock[]): Page {
  return {
    html,
    blocks,
    // The texts have the commands in them.
    hasVariables: Object.values(html).some((text) => text.search(VARIABLE) !== -1),
    render(variables): RenderedPage {
      return {
        html: translate(html, (text) => substitute(text, variables, escapeHtml)),
        blocks: blocks.map((block) => ({
          ...block,
          command: substitute(block.command, variables, (value) => value),
        })),
      };
    },
    preview: () => translate(html, preview),
  };
}

function translate(html: LocalizedText, change: (text: string, locale: Locale) => string): LocalizedText {
  const changed: LocalizedText = {};
  for (const locale of LOCALES) {
    const text = html[locale];
    if (text !== undefined) changed[locale] = change(text, locale);
  }
  return changed;
}

/** A tag, which has no `>` in its attributes: these are encoded. */
const TAG = /(<[^>]*>)/;

/** Within a tag, a title for instance, there is room for words only. */
const preview = (html: string, locale: Locale): string =>
  html
    .split(TAG)
    .map((part) =>
      part.replace(VARIABLE, (_whole, name: string) =>
        TAG.test(part) ? standIn(name, locale) : `<var>${standIn(name, locale)}</var>`,
      ),
    )
    .join('');

const substitute = (text: string, variables: Variables, encode: (value: string) => string): string =>
  text.replace(VARIABLE, (whole: string, name: string) =>
    Object.hasOwn(variables, name) ? encode(variables[name] ?? '') : whole,
  );
