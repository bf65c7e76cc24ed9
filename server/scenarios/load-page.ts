import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostName, Locale, LocalizedText } from '../protocol/index.ts';
import { type RenderedText, renderMarkdown } from './markdown.ts';
import { createPage } from './page.ts';
import type { Problem } from './problem.ts';
import type { Page } from './scenario.ts';

export type PageSource = {
  directory: string;
  name: string;
  locales: readonly Locale[];
  hosts: readonly HostName[];
};

/** Read a page in each locale and hold their commands against each other. `absent` is told of a missing file. */
export async function loadPage(
  { directory, name, locales, hosts }: PageSource,
  absent: (fileName: string) => void,
): Promise<{ page: Page; problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  const html: LocalizedText = {};
  let first: { fileName: string; text: RenderedText } | undefined;
  for (const locale of locales) {
    const fileName = locale === 'en' ? `${name}.md` : `${name}.${locale}.md`;
    const file = join(directory, fileName);
    const source = await readFile(file, 'utf8').catch(ignoreMissing);
    if (source === undefined) {
      absent(fileName);
      continue;
    }
    const text = renderMarkdown(source, hosts);
    html[locale] = text.html;
    problems.push(...text.problems.map((problem) => ({ file, ...problem })));
    if (first) problems.push(...difference(file, text, first.fileName, first.text));
    else first = { fileName, text };
  }
  const blocks = (first?.text.blocks ?? []).map(({ id, host, interrupt, command }) => ({
    id,
    host,
    interrupt,
    command,
  }));
  return { page: createPage(html, blocks), problems };
}

/** A learner who changes the language in mid-lab must find the same commands under the same names. */
function difference(file: string, text: RenderedText, otherName: string, other: RenderedText): Problem[] {
  const problem = (line: number, message: string): Problem[] => [{ file, line, column: 1, message }];
  for (const [index, block] of text.blocks.entries()) {
    const twin = other.blocks[index];
    if (!twin) break;
    if (block.command !== twin.command) {
      return problem(block.line, `command ${block.id} is not the one of ${otherName}, line ${twin.line}`);
    }
    if (block.host !== twin.host || block.interrupt !== twin.interrupt) {
      return problem(
        block.line,
        `command ${block.id} has another directive than in ${otherName}, line ${twin.line}`,
      );
    }
  }
  if (text.blocks.length === other.blocks.length) return [];
  return problem(1, `has ${text.blocks.length} commands to run, but ${otherName} has ${other.blocks.length}`);
}

const ignoreMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === 'ENOENT') return undefined;
  throw error;
};
