import MarkdownIt from 'markdown-it';
import { LOCALES, type LocalizedText } from '../protocol/index.ts';
import type { CommandBlock, Page, RenderedPage } from './scenario.ts';
import { VARIABLE } from './variables.ts';

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
      const rendered: LocalizedText = {};
      for (const locale of LOCALES) {
        const text = html[locale];
        if (text !== undefined) rendered[locale] = substitute(text, variables, escapeHtml);
      }
      return {
        html: rendered,
        blocks: blocks.map((block) => ({
          ...block,
          command: substitute(block.command, variables, (value) => value),
        })),
      };
    },
  };
}

const substitute = (text: string, variables: Variables, encode: (value: string) => string): string =>
  text.replace(VARIABLE, (whole: string, name: string) =>
    Object.hasOwn(variables, name) ? encode(variables[name] ?? '') : whole,
  );
