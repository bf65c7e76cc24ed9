import type { LanguageFn } from 'highlight.js';
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import diff from 'highlight.js/lib/languages/diff';
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import nginx from 'highlight.js/lib/languages/nginx';
import python from 'highlight.js/lib/languages/python';
import sql from 'highlight.js/lib/languages/sql';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import MarkdownIt from 'markdown-it';
import { VARIABLE } from '../variables.ts';

const { escapeHtml } = new MarkdownIt().utils;

const LANGUAGES: Readonly<Record<string, LanguageFn>> = {
  bash,
  diff,
  dockerfile,
  go,
  ini,
  javascript,
  json,
  nginx,
  python,
  sql,
  xml,
  yaml,
};
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);

/** A session at a prompt: what is typed, and what is answered. */
const SESSIONS = new Set(['console', 'shell-session', 'shellsession']);
/** Output, and whatever else has no colours. */
const PLAIN = new Set(['text', 'plain', 'plaintext', 'txt', 'output', 'none']);

/** What a block's language may be, for whoever has written another. */
export const KNOWN_LANGUAGES: readonly string[] = [...Object.keys(LANGUAGES), 'console', 'text'].toSorted();

export const isSession = (language: string): boolean => SESSIONS.has(language);

export const isKnownLanguage = (language: string): boolean =>
  isSession(language) || PLAIN.has(language) || hljs.getLanguage(language) !== undefined;

/** Beyond this, colours would take longer than anybody reads. */
const MOST_COLOURED = 20_000;

/** Code as HTML: what it means in `<span class="hljs-…">`, and variables such as `[[HOST1_IP]]` still whole. */
export function highlight(code: string, language: string): string {
  if (isSession(language)) return highlightSession(code);
  return colour(code, language);
}

function colour(code: string, language: string): string {
  if (code.length > MOST_COLOURED || PLAIN.has(language) || !hljs.getLanguage(language)) {
    return escapeHtml(code);
  }
  const { masked, unmask } = maskVariables(code);
  return unmask(hljs.highlight(masked, { language, ignoreIllegals: true }).value);
}

/** `$ `, `# `, `host01:~# `, `root@host01:/# `; the prompt ends with a blank that is not of the command. */
const PROMPT = /^((?:[\w.-]+@)?(?:[\w.-]+:[\w./~-]*)?[$#] )(.*)$/;

/** Whether a session has a line at a prompt, which nobody would want to have typed with it. */
export const hasPrompt = (code: string): boolean => code.split('\n').some((line) => PROMPT.test(line));

function highlightSession(code: string): string {
  const lines = code.split('\n').map((line) => {
    const [, prompt, typed = ''] = PROMPT.exec(line) ?? [];
    if (prompt === undefined) return escapeHtml(line);
    return `<span class="prompt">${escapeHtml(prompt)}</span><span class="typed">${colour(typed, 'bash')}</span>`;
  });
  return lines.join('\n');
}

/** Unicode's private use area: each of its characters stands for one variable, which so stays in one piece. */
const FIRST_MASK = 0xe000;
const MOST_MASKS = 0x1900;
const MASK = /[\uE000-\uF8FF]/;
const MASKS = new RegExp(MASK, 'g');

function maskVariables(code: string): { masked: string; unmask: (html: string) => string } {
  const variables: string[] = [];
  // Somebody's own characters of that area stay as they are, and variables beside them may be cut by colours.
  if (MASK.test(code)) return { masked: code, unmask: (html) => html };
  const masked = code.replace(VARIABLE, (variable: string) => {
    if (variables.length === MOST_MASKS) return variable;
    variables.push(variable);
    return String.fromCharCode(FIRST_MASK + variables.length - 1);
  });
  return {
    masked,
    unmask: (html) => html.replace(MASKS, (mask) => variables[mask.charCodeAt(0) - FIRST_MASK] ?? mask),
  };
}
