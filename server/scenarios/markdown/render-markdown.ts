import MarkdownIt, { type Token } from 'markdown-it';
import type { CommandBlock } from '../scenario.ts';
import { callouts } from './callouts.ts';
import { code } from './code.ts';
import { directives } from './directives.ts';
import { hints } from './hints.ts';
import { images } from './images.ts';
import { inlinePlaces } from './inline-places.ts';
import { links } from './links.ts';
import { rawHtml } from './raw-html.ts';
import { Reading, type ReadingOptions, type TextProblem } from './reading.ts';
import { readVariables } from './read-variables.ts';

/** A text as HTML that is safe to show, with its commands and what is wrong with it. Lines and columns count from 1. */
export type RenderedText = {
  html: string;
  blocks: readonly (CommandBlock & { line: number })[];
  problems: readonly TextProblem[];
};

/** More commands than anybody runs on a page. */
const MOST_BLOCKS = 100;
/** Lists in quotations in lists: deeper than anybody can follow, and within what the parser reads at all. */
const DEEPEST = 20;

/** What a text may have, each in a plugin of its own. */
const PLUGINS = [inlinePlaces, directives, callouts, hints, rawHtml, code, links, images];

/** Render one text of a scenario. */
export function renderMarkdown(text: string, options: ReadingOptions): RenderedText {
  const reading = new Reading(text, options);
  const md = new MarkdownIt({ html: false, linkify: false, typographer: false });
  for (const plugin of PLUGINS) md.use(plugin, reading);
  const env = {};
  const tokens = md.parse(text, env);
  readVariables(reading);
  requireShallow(tokens, reading);
  if (reading.blocks.length > MOST_BLOCKS) {
    const line = (reading.blocks[MOST_BLOCKS]?.line ?? 1) - 1;
    reading.report(reading.placeIn(line), `a text has at most ${MOST_BLOCKS} commands to run`);
  }
  const html = md.renderer.render(tokens, md.options, env);
  return { html, blocks: reading.blocks, problems: reading.problems };
}

/** What is nested too deeply would be left out without a word. */
function requireShallow(tokens: readonly Token[], reading: Reading): void {
  let line = 0;
  for (const token of tokens) {
    line = token.map?.[0] ?? line;
    const deepest = (token.children ?? []).reduce(
      (level, child) => Math.max(level, child.level),
      token.level,
    );
    if (deepest <= DEEPEST) continue;
    reading.report(reading.placeIn(line), `this is nested deeper than ${DEEPEST} levels`);
    return;
  }
}
