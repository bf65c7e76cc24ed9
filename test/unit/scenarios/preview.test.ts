import { expect, test } from 'vitest';
import { renderMarkdown } from '../../../server/scenarios/markdown/render-markdown.ts';
import { createPage } from '../../../server/scenarios/page.ts';

const preview = (text: string) => {
  const { html, blocks } = renderMarkdown(text, { hosts: ['host01', 'host02'], locale: 'en' });
  return createPage({ en: html, 'zh-CN': html }, blocks).preview();
};

test('a preview has words in the place of addresses, each language its own', () => {
  expect(preview('join [[HOST1_IP]] from [[HOST2_IP]]')).toEqual({
    en: '<p>join <var>‹host01’s address›</var> from <var>‹host02’s address›</var></p>\n',
    'zh-CN': '<p>join <var>‹host01 的地址›</var> from <var>‹host02 的地址›</var></p>\n',
  });
});

test('a preview marks them within a command too', () => {
  expect(preview('`ping [[HOST2_IP]]`{{exec}}').en).toContain(
    '<code>ping <var>‹host02’s address›</var></code>',
  );
});

test('a preview puts no mark into a tag', () => {
  expect(preview('[a](https://example.org/ "at [[HOST1_IP]] > b")').en).toContain(
    'title="at ‹host01’s address› &gt; b"',
  );
});
