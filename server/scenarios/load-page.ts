import type { HostName, Locale, LocalizedText } from '../protocol/index.ts';
import type { Assets } from './load-assets.ts';
import { type RenderedText, renderMarkdown } from './markdown/render-markdown.ts';
import { createPage } from './page.ts';
import type { Page } from './scenario.ts';
import type { ScenarioFolder } from './scenario-folder.ts';

export type PageSource = {
  folder: ScenarioFolder;
  /** Undefined where none could be read: then the page is empty. */
  name: string | undefined;
  locales: readonly Locale[];
  hosts: readonly HostName[];
  assets: Assets;
};

/** The file that has a page's text in a language. */
export const pageFile = (name: string, locale: Locale): string =>
  locale === 'en' ? `${name}.md` : `${name}.${locale}.md`;

/**
 * Read a page in each locale and hold their commands against each other; what is wrong with a text is reported to the
 * folder. `absent` is told of a missing file.
 */
export async function loadPage(
  { folder, name, locales, hosts, assets }: PageSource,
  absent: (fileName: string) => void,
): Promise<Page> {
  const html: LocalizedText = {};
  let first: { fileName: string; text: RenderedText } | undefined;
  for (const locale of name === undefined ? [] : locales) {
    const fileName = pageFile(name ?? '', locale);
    if (!folder.has(fileName)) {
      absent(fileName);
      continue;
    }
    const source = await folder.readText(fileName);
    if (source === null) continue;
    if (source.trim() === '') folder.report(fileName, 'is empty');
    const text = renderMarkdown(source, { hosts, locale, asset: assets.show });
    html[locale] = text.html;
    for (const { message, ...place } of text.problems) folder.report(fileName, message, place);
    if (first) reportDifference(folder, fileName, text, first.fileName, first.text);
    else first = { fileName, text };
  }
  const blocks = (first?.text.blocks ?? []).map(({ id, host, interrupt, command }) => ({
    id,
    host,
    interrupt,
    command,
  }));
  return createPage(html, blocks);
}

/** A learner who changes the language in mid-lab must find the same commands under the same names. */
function reportDifference(
  folder: ScenarioFolder,
  file: string,
  text: RenderedText,
  otherFile: string,
  other: RenderedText,
): void {
  for (const [index, block] of text.blocks.entries()) {
    const twin = other.blocks[index];
    if (!twin) break;
    const number = index + 1;
    if (block.command !== twin.command) {
      const message = `command ${number} is not the one of ${otherFile}, line ${twin.line}`;
      return folder.report(file, message, { line: block.line });
    }
    if (block.host !== twin.host || block.interrupt !== twin.interrupt) {
      const message = `command ${number} has another directive than in ${otherFile}, line ${twin.line}`;
      return folder.report(file, message, { line: block.line });
    }
  }
  if (text.blocks.length === other.blocks.length) return;
  folder.report(
    file,
    `the number of commands to run is ${text.blocks.length}, but ${other.blocks.length} in ${otherFile}`,
  );
}
