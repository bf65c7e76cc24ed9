import type { MarkdownIt, StateBlock } from 'markdown-it';
import { indentOf, lineOf } from './block-line.ts';
import type { Reading } from './reading.ts';

const OPENING = /^<details( open)?>[ \t]*(?:<summary>(.*?)<\/summary>[ \t]*)?$/;
const SUMMARY = /^<summary>(.*?)<\/summary>[ \t]*$/;
const CLOSING = /^<\/details>[ \t]*$/;
const FENCE = /^(?:[\s>]|[-*+]\s|\d{1,9}[.)]\s)*(`{3,}|~{3,})/;

const SHAPE =
  'a hint is <details><summary>Title</summary>, its text, and </details>, each at the start of a line of its own';

/**
 * Hints that open, written as Killercoda's and GitHub's authors write them. Exactly this shape is known, and no other
 * HTML; what is within is markdown like everything else.
 */
export function hints(md: MarkdownIt, reading: Reading): void {
  let within = false;
  /** Behind it no hint ends, so that nobody looks there for the end of each that begins. */
  const lastClosing = reading.lines.findLastIndex((text) => text.includes('</details>'));
  const rule = (state: StateBlock, start: number, end: number, silent: boolean): boolean => {
    const first = lineOf(state, start);
    if (!first.startsWith('<details') || indentOf(state, start) >= 4) return false;
    const found = within ? null : shapeOf(state, start, Math.min(end, lastClosing + 1));
    if (found === null) {
      if (!silent) {
        const message = within ? 'a hint cannot stand in another one' : SHAPE;
        reading.report(reading.placeIn(start, '<details'), message);
      }
      return false;
    }
    if (silent) return true;
    const { open, title, contentStart, closing } = found;
    if (title.trim() === '') reading.report(reading.placeIn(start, '<details'), 'a hint has no title');
    const opening = state.push('details_open', 'details', 1);
    opening.block = true;
    opening.map = [start, closing + 1];
    opening.attrSet('class', 'hint');
    if (open) opening.attrSet('open', '');
    const summary = state.push('summary_open', 'summary', 1);
    summary.map = [contentStart - 1, contentStart];
    const inline = state.push('inline', '', 0);
    inline.content = title.trim();
    inline.map = summary.map;
    inline.children = [];
    state.push('summary_close', 'summary', -1);

    within = true;
    const { parentType, lineMax } = state;
    state.parentType = 'hint';
    state.lineMax = closing;
    md.block.tokenize(state, contentStart, closing);
    state.parentType = parentType;
    state.lineMax = lineMax;
    within = false;

    state.push('details_close', 'details', -1).block = true;
    state.line = closing + 1;
    return true;
  };
  md.block.ruler.before('paragraph', 'hint', rule, { alt: ['paragraph', 'reference', 'blockquote', 'list'] });
}

type Hint = { open: boolean; title: string; contentStart: number; closing: number };

function shapeOf(state: StateBlock, start: number, end: number): Hint | null {
  const [opening, open, sameLine] = OPENING.exec(lineOf(state, start)) ?? [];
  if (opening === undefined) return null;
  const title = sameLine ?? SUMMARY.exec(lineOf(state, start + 1))?.[1];
  if (title === undefined || start + 1 >= end) return null;
  const contentStart = start + (sameLine === undefined ? 2 : 1);
  let fence: string | undefined;
  for (let line = contentStart; line < end; line++) {
    const text = lineOf(state, line);
    if (text !== '' && indentOf(state, line) < 0) return null;
    const mark = FENCE.exec(text)?.[1];
    if (fence !== undefined) {
      if (mark?.startsWith(fence)) fence = undefined;
    } else if (mark !== undefined) fence = mark;
    else if (CLOSING.test(text)) return { open: open !== undefined, title, contentStart, closing: line };
  }
  return null;
}
