import MarkdownIt from 'markdown-it';
import type { HostName } from '../protocol/index.ts';
import { takeClosingDirectives } from './closing-directives.ts';
import { DIRECTIVE, type Directive, LEADING_DIRECTIVE, parseDirective } from './directive.ts';
import type { CommandBlock } from './scenario.ts';
import { VARIABLE, variableName } from './variables.ts';

/** A text as HTML, with its commands and what is wrong with it. Lines and columns count from 1. */
export type RenderedText = {
  html: string;
  blocks: readonly (CommandBlock & { line: number })[];
  problems: readonly { line: number; column: number; message: string }[];
};

/** What a command's token carries to its renderer. */
type Mark = { copy: true } | { copy: false; block: CommandBlock };

const md = new MarkdownIt({ html: false, linkify: false, typographer: false });
const { escapeHtml } = md.utils;
type Token = ReturnType<typeof md.parse>[number];

/** Anything else, a script's address above all, stays text. */
md.validateLink = (url) => /^https?:\/\//i.test(url.trim());
md.renderer.rules['link_open'] = (tokens, index, options, _env, self) => {
  tokens[index]?.attrSet('target', '_blank');
  tokens[index]?.attrSet('rel', 'noopener');
  return self.renderToken(tokens, index, options);
};
md.renderer.rules['fence'] = (tokens, index) => {
  const token = tokens[index];
  if (!token) return '';
  const code = `<pre><code>${escapeHtml(token.content)}</code></pre>`;
  const mark = markOf(token);
  return mark ? `<div class="command"${attributes(mark)}>${code}</div>\n` : `${code}\n`;
};
md.renderer.rules['code_inline'] = (tokens, index) => {
  const token = tokens[index];
  if (!token) return '';
  const code = `<code>${escapeHtml(token.content)}</code>`;
  const mark = markOf(token);
  return mark ? `<span class="command"${attributes(mark)}>${code}</span>` : code;
};

const marks = new WeakMap<Token, Mark>();
const markOf = (token: Token): Mark | undefined => marks.get(token);

const attributes = (mark: Mark): string =>
  mark.copy ? ' data-copy' : ` data-block="${mark.block.id}" data-host="${mark.block.host}"`;

/** Render one text of a scenario with these hosts; the first runs what names none. */
export function renderMarkdown(text: string, hosts: readonly HostName[]): RenderedText {
  const reader = new Reader(text, hosts);
  return reader.read();
}

class Reader {
  readonly #lines: readonly string[];
  readonly #source: string;
  readonly #closing: ReadonlyMap<number, string>;
  readonly #hosts: readonly HostName[];
  readonly #blocks: (CommandBlock & { line: number })[] = [];
  readonly #problems: { line: number; column: number; message: string }[] = [];

  constructor(text: string, hosts: readonly HostName[]) {
    const { source, directives } = takeClosingDirectives(text);
    this.#lines = text.split(/\r?\n/);
    this.#source = source;
    this.#closing = directives;
    this.#hosts = hosts;
  }

  read(): RenderedText {
    const env = {};
    const tokens = md.parse(this.#source, env);
    const dropped = new Set<Token>();
    let line = 0;
    for (const [index, token] of tokens.entries()) {
      line = token.map?.[0] ?? line;
      if (token.type === 'fence') this.#readFence(tokens, index, dropped);
      else if (token.type === 'inline') this.#readInline(token, line);
    }
    const kept = tokens.filter((token) => !dropped.has(token));
    this.#readVariables();
    return {
      html: md.renderer.render(kept, md.options, env),
      blocks: this.#blocks,
      problems: this.#problems.toSorted((a, b) => a.line - b.line),
    };
  }

  #readFence(tokens: readonly Token[], index: number, dropped: Set<Token>): void {
    const token = tokens[index];
    if (!token?.map) return;
    const [start, end] = token.map;
    if (DIRECTIVE.test(token.info)) {
      this.#report(
        start,
        'a directive stands after the closing fence of its command, not after the opening one',
      );
    }
    const command = token.content.replace(/\n$/, '');
    const closing = this.#closing.get(end - 1);
    if (closing !== undefined) return this.#mark(token, closing, command, end - 1);

    // Or alone on the line after the fence, which markdown takes for the beginning of a paragraph.
    const [opening, inline, close] = tokens.slice(index + 1, index + 4);
    if (opening?.type !== 'paragraph_open' || opening.map?.[0] !== end || !inline?.children) return;
    const [directive] = LEADING_DIRECTIVE.exec(inline.children[0]?.content ?? '') ?? [];
    if (directive === undefined || !inline.children[0]) return;
    this.#mark(token, directive, command, end);
    inline.children[0].content = inline.children[0].content.slice(directive.length).trimStart();
    const rest = inline.content.slice(directive.length).trim();
    if (rest === '' && close) for (const each of [opening, inline, close]) dropped.add(each);
    else if (inline.children[0].content === '') inline.children.splice(0, 2);
  }

  #readInline(inline: Token, firstLine: number): void {
    let line = firstLine;
    let before: Token | undefined;
    for (const child of inline.children ?? []) {
      if (child.type === 'softbreak' || child.type === 'hardbreak') line += 1;
      if (child.type === 'text') {
        const [directive] = LEADING_DIRECTIVE.exec(child.content) ?? [];
        if (before?.type === 'code_inline' && directive !== undefined) {
          this.#mark(before, directive, before.content, line);
          child.content = child.content.slice(directive.length);
        }
        const [stray] = DIRECTIVE.exec(child.content) ?? [];
        if (stray !== undefined) this.#report(line, `${stray} does not stand directly after a command`);
      }
      before = child;
    }
  }

  #mark(token: Token, text: string, command: string, line: number): void {
    const directive: Directive | { wrong: string } = parseDirective(text, this.#hosts);
    if ('wrong' in directive) return this.#report(line, directive.wrong);
    if (directive.kind === 'copy') return void marks.set(token, { copy: true });
    if (command.trim() === '') return this.#report(line, `${text} stands after an empty command`);
    const { host, interrupt } = directive;
    const block: CommandBlock = { id: `b${this.#blocks.length + 1}`, host, interrupt, command };
    this.#blocks.push({ ...block, line: line + 1 });
    marks.set(token, { copy: false, block });
  }

  #readVariables(): void {
    const known = new Set(this.#hosts.map(variableName));
    for (const [line, text] of this.#lines.entries()) {
      for (const [whole, name = ''] of text.matchAll(VARIABLE)) {
        if (known.has(name)) continue;
        this.#report(line, `${whole} is no variable of this scenario; known are ${[...known].join(', ')}`);
      }
    }
  }

  #report(line: number, message: string): void {
    const column = (this.#lines[line]?.search(/\{\{|\[\[/) ?? -1) + 1;
    this.#problems.push({ line: line + 1, column: Math.max(column, 1), message });
  }
}
