import spec from 'commonmark-spec';
import { describe, expect, test } from 'vitest';
import { renderMarkdown } from '../../../../server/scenarios/markdown/render-markdown.ts';

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The examples whose answer is another here, each for one of these reasons. */
const EXCEPTIONS: Readonly<Record<string, readonly number[]>> = {
  'blocks of HTML are shown as text': [...numbers(148, 191), 308, 309],
  'HTML within a line is shown as text': [
    ...[21, 31, 201, 344, 475, 476, 477, 491, 494, 524, 536],
    ...[613, 614, 615, 616, 617, 623, 625, 626, 627, 628, 629, 630, 631, 642, 643],
  ],
  'a link leads to the web, a mailbox or a heading': [596, 598, 599, 601],
};

const reasonOf = (number: number): string | undefined =>
  Object.keys(EXCEPTIONS).find((reason) => EXCEPTIONS[reason]?.includes(number));

/** What HTML means the same: how an empty tag is written, where a line ends, and what is added on purpose. */
const meaning = (html: string): string =>
  html
    .replaceAll(' />', '>')
    .replaceAll('<blockquote></blockquote>', '<blockquote>\n</blockquote>')
    .replaceAll(' target="_blank" rel="noopener"', '')
    // The colours of code.
    .replaceAll(/<\/?span[^>]*>/g, '');

const { tests } = spec;
const isException = ({ number }: (typeof tests)[number]) => reasonOf(number) !== undefined;

/** What is rendered of an example, and what the specification says. */
function compare({ markdown, html }: (typeof tests)[number]): [string, string] {
  const tabs = (text: string) => text.replaceAll('→', '\t');
  const rendered = renderMarkdown(tabs(markdown), { hosts: ['host01'], locale: 'en' }).html;
  return [meaning(rendered), meaning(tabs(html))];
}

describe('the CommonMark specification', () => {
  test.each(tests.filter((example) => !isException(example)))('$section, example $number', (example) => {
    const [rendered, specified] = compare(example);
    expect(rendered).toBe(specified);
  });

  test.each(tests.filter(isException))('$section, example $number is an exception', (example) => {
    const [rendered, specified] = compare(example);
    expect(rendered, 'it is none any more: take it off the list').not.toBe(specified);
  });

  test('has every example that is listed', () => {
    const all = tests.map(({ number }) => number);
    expect(all).toEqual(expect.arrayContaining(Object.values(EXCEPTIONS).flat()));
    expect(all).toHaveLength(652);
  });
});
