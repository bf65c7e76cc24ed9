import type { MarkdownIt } from 'markdown-it';
import { commandMark, type CommandMark } from './directives.ts';
import { hasPrompt, highlight, isKnownLanguage, isSession, KNOWN_LANGUAGES } from './highlight.ts';
import type { Reading } from './reading.ts';

/** Shows code in colours, and commands in a frame that the page adds buttons to; see the protocol's StepContent. */
export function code(md: MarkdownIt, reading: Reading): void {
  const { escapeHtml } = md.utils;

  md.core.ruler.push('languages', (state) => {
    for (const token of state.tokens) {
      if (token.type !== 'fence' || token.map === null) continue;
      const language = languageOf(token.info);
      const place = reading.placeIn(token.map[0], language);
      // A directive in its place has been reported as such.
      const isWord = language !== '' && !language.startsWith('{{');
      if (isWord && !isKnownLanguage(language)) {
        reading.report(
          place,
          `there are no colours for “${language}”; known are ${KNOWN_LANGUAGES.join(', ')}`,
        );
      }
      if (commandMark(token) !== undefined && isSession(language) && hasPrompt(token.content)) {
        reading.report(
          place,
          'a prompt in a command would be run with it: leave it out, and what is answered, too',
        );
      }
    }
  });

  md.renderer.rules['fence'] = (tokens, index) => {
    const token = tokens[index];
    if (!token) return '';
    const language = languageOf(token.info);
    const html = language === '' ? escapeHtml(token.content) : highlight(token.content, language);
    const name = language === '' ? '' : ` class="language-${escapeHtml(language)}"`;
    const block = `<pre><code${name}>${html}</code></pre>`;
    const mark = commandMark(token);
    return mark ? `<div class="command"${attributes(mark)}>${block}</div>\n` : `${block}\n`;
  };
  md.renderer.rules['code_inline'] = (tokens, index) => {
    const token = tokens[index];
    if (!token) return '';
    const inline = `<code>${escapeHtml(token.content)}</code>`;
    const mark = commandMark(token);
    return mark ? `<span class="command"${attributes(mark)}>${inline}</span>` : inline;
  };

  /** The first word after the opening fence. */
  function languageOf(info: string): string {
    return md.utils.unescapeAll(info).trim().split(/\s/)[0] ?? '';
  }
}

const attributes = (mark: CommandMark): string =>
  mark.copy ? ' data-copy' : ` data-block="${mark.id}" data-host="${mark.host}"`;
