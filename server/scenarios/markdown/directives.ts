import { createHash } from 'node:crypto';
import type { MarkdownIt, StateBlock, StateCore, Token } from 'markdown-it';
import { indentOf, lineOf } from './block-line.ts';
import { anyDirective, leadingDirective, parseDirective, trailingDirective } from './directive.ts';
import type { Place, Reading } from './reading.ts';

/** A directive as it is written, and where. */
type Written = { text: string; place: Place };

/** What a command's token carries to its renderer. */
export type CommandMark = { copy: true } | { copy: false; id: string; host: string };

/** The mark of a code span or a fence; undefined where it is no command. */
export const commandMark = (token: Token): CommandMark | undefined => marks.get(token);
const marks = new WeakMap<Token, CommandMark>();

/**
 * Directives make commands of code spans and fences. One stands directly after its code span; after a closing fence, on
 * its line or alone on the next.
 */
export function directives(md: MarkdownIt, reading: Reading): void {
  /** By the line of the closing fence. */
  const closing = new Map<number, string>();
  const written = new Map<Token, Written>();

  // CommonMark takes a line with something after the fence for no closing fence at all, so it is cut off before.
  md.block.ruler.before('fence', 'closing-directive', (state, start, end) => {
    const found = closingDirective(state, start, end);
    if (found !== null) {
      closing.set(found.line, found.text);
      state.eMarks[found.line] = found.cutAt;
    }
    return false;
  });

  md.core.ruler.before('inline', 'fence-directives', (state) => {
    state.tokens = state.tokens.filter(
      takeFollowing(state, (fence, text, line) =>
        written.set(fence, { text, place: reading.placeIn(line, text) }),
      ),
    );
    for (const token of state.tokens) {
      if (token.type !== 'fence' || token.map === null) continue;
      const line = token.map[1] - 1;
      const text = closing.get(line);
      if (text !== undefined) written.set(token, { text, place: reading.placeIn(line, text) });
      const misplaced = anyDirective(token.info);
      if (misplaced !== undefined) {
        const message =
          'a directive stands after the closing fence of its command, not after the opening one';
        reading.report(reading.placeIn(token.map[0], misplaced), message);
      }
    }
  });

  md.inline.ruler.before('text', 'directive', (state, silent) => {
    if (state.src[state.pos] !== '{') return false;
    const rest = state.src.slice(state.pos, state.pos + LONGEST);
    const text = leadingDirective(rest);
    if (text === undefined) return false;
    const code = state.pending === '' ? state.tokens.at(-1) : undefined;
    const isAfterCode = code?.type === 'code_inline' && state.src[state.pos - 1] === '`';
    if (!isAfterCode && anyDirective(text) === undefined) return false;
    if (!silent) {
      const place = reading.placeOf(state.src, state.pos, text);
      if (isAfterCode) written.set(code, { text, place });
      else {
        reading.report(place, strayMessage(text));
        state.pending += text;
      }
    }
    state.pos += text.length;
    return true;
  });

  md.core.ruler.push('commands', (state) => {
    for (const token of state.tokens) {
      for (const code of token.type === 'inline' ? (token.children ?? []) : [token]) {
        const directive = written.get(code);
        if (directive !== undefined) mark(reading, code, directive);
      }
    }
  });
}

/** No directive is longer. */
const LONGEST = 200;

function strayMessage(text: string): string {
  // Of what is never a directive of a command, `parseDirective` says why.
  const parsed = text.includes('TRAFFIC_') ? parseDirective(text, []) : null;
  return parsed !== null && 'wrong' in parsed
    ? parsed.wrong
    : `${text} does not stand directly after a command`;
}

function closingDirective(
  state: StateBlock,
  start: number,
  end: number,
): { text: string; line: number; cutAt: number } | null {
  const opening = /^(`{3,}(?=[^`]*$)|~{3,})/.exec(lineOf(state, start))?.[0];
  if (opening === undefined || indentOf(state, start) >= 4) return null;
  for (let line = start + 1; line < end; line++) {
    const text = lineOf(state, line);
    if (text !== '' && indentOf(state, line) < 0) return null;
    const fence = /^(`{3,}|~{3,})[ \t]*(?=$|\{\{)/.exec(text)?.[1];
    if (!fence?.startsWith(opening) || indentOf(state, line) >= 4) continue;
    if (fence === text.trimEnd()) return null;
    const directive = trailingDirective(text);
    if (directive === undefined || text.slice(fence.length, directive.at).trim() !== '') continue;
    const from = (state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0);
    return { text: directive.text, line, cutAt: from + fence.length };
  }
  return null;
}

/**
 * Find directives alone on the line after their fence, which markdown takes for the beginning of a paragraph. Gives what
 * is to be kept of the tokens: not a paragraph that has nothing else in it.
 */
function takeFollowing(
  { tokens }: StateCore,
  found: (fence: Token, directive: string, line: number) => void,
): (token: Token) => boolean {
  const dropped = new Set<Token>();
  for (const [index, fence] of tokens.entries()) {
    const [opening, inline, closing] = tokens.slice(index + 1, index + 4);
    if (fence.type !== 'fence' || fence.map === null || !opening || !inline?.map || !closing) continue;
    const [line, end] = inline.map;
    const text = leadingDirective(inline.content);
    if (opening.type !== 'paragraph_open' || line !== fence.map[1] || text === undefined) continue;
    found(fence, text, line);
    const rest = inline.content.slice(text.length);
    inline.content = rest.trimStart();
    inline.map = [line + (/^\s*\n/.test(rest) ? 1 : 0), end];
    if (inline.content === '') for (const each of [opening, inline, closing]) dropped.add(each);
  }
  return (token) => !dropped.has(token);
}

function mark(reading: Reading, token: Token, { text, place }: Written): void {
  const { hosts } = reading.options;
  const directive = parseDirective(text, hosts);
  if (directive === null) return;
  if ('wrong' in directive) return reading.report(place, directive.wrong);
  if (directive.kind === 'copy') return void marks.set(token, { copy: true });
  const command = token.type === 'fence' ? token.content.replace(/\n$/, '') : token.content;
  if (command.trim() === '') return reading.report(place, `${text} stands after an empty command`);
  const { host, interrupt } = directive;
  // A page that shows an earlier version of the text must not run what has taken the command's place since.
  const digest = createHash('sha256')
    .update(JSON.stringify([host, interrupt, command]))
    .digest('hex');
  const id = `b${reading.blocks.length + 1}-${digest.slice(0, 6)}`;
  reading.blocks.push({ id, host, interrupt, command, line: place.line + 1 });
  marks.set(token, { copy: false, id, host });
}
