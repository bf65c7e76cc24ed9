import { describe, expect, test } from 'vitest';
import type { Locale } from '../../../../server/protocol/index.ts';
import { KNOWN_LANGUAGES } from '../../../../server/scenarios/markdown/highlight.ts';
import { renderMarkdown } from '../../../../server/scenarios/markdown/render-markdown.ts';

const render = (lines: readonly string[], locale: Locale = 'en') =>
  renderMarkdown(lines.join('\n'), { hosts: ['host01', 'host02'], locale });

describe('a callout', () => {
  test.each([
    ['NOTE', 'note', 'Note', '说明'],
    ['TIP', 'tip', 'Tip', '提示'],
    ['IMPORTANT', 'important', 'Important', '重要'],
    ['WARNING', 'warning', 'Warning', '警告'],
    ['caution', 'caution', 'Caution', '注意'],
  ])('[!%s] has a title in the language of its text', (mark, kind, english, chinese) => {
    const lines = [`> [!${mark}]`, '> Read *this*.'];
    const html = (title: string) =>
      `<div class="callout callout-${kind}" role="note">\n<p class="callout-title">${title}</p>\n` +
      '<p>Read <em>this</em>.</p>\n</div>\n';
    expect(render(lines)).toEqual({ html: html(english), blocks: [], problems: [] });
    expect(render(lines, 'zh-CN').html).toBe(html(chinese));
  });

  test('has commands and whatever else a text has', () => {
    const { html, blocks, problems } = render([
      '> [!TIP]',
      '>',
      '> ```',
      '> ls',
      '> ```{{exec HOST2}}',
      '> - a',
    ]);
    expect(blocks).toMatchObject([{ host: 'host02', command: 'ls', line: 5 }]);
    expect(html).toContain('<li>a</li>');
    expect(problems).toEqual([]);
  });

  test.each([
    ['of an unknown kind', ['> [!HINT]', '> a'], 'there is no callout [!HINT]'],
    ['without a text', ['> [!NOTE]'], 'has no text'],
  ])('%s is a problem', (_name, lines, message) => {
    expect(render(lines).problems).toEqual([
      { line: 1, column: 3, message: expect.stringContaining(message) },
    ]);
  });

  test('is a quotation where its mark does not stand alone', () => {
    expect(render(['> [!NOTE] a']).html).toContain('<blockquote>');
    expect(render(['> a', '> [!NOTE]']).html).toContain('<blockquote>');
  });
});

describe('a hint', () => {
  const html =
    '<details class="hint">\n<summary>A <em>tip</em></summary>\n<p>Try <code>ls</code>.</p>\n</details>\n';

  test.each([
    ['on one line', ['<details><summary>A *tip*</summary>', '', 'Try `ls`.', '', '</details>']],
    ['on two lines', ['<details>', '<summary>A *tip*</summary>', 'Try `ls`.', '</details>']],
  ])('is written as on GitHub, its title %s', (_name, lines) => {
    expect(render(lines)).toMatchObject({ html, problems: [] });
  });

  test('may be open, and stand after a paragraph and in a list', () => {
    const lines = ['- text', '  <details open><summary>T</summary>', '  x', '  </details>', '', 'after'];
    const rendered = render(lines);
    expect(rendered.problems).toEqual([]);
    expect(rendered.html).toContain('<details class="hint" open="">\n<summary>T</summary>\n<p>x</p>\n');
    expect(rendered.html).toContain('<p>after</p>');
  });

  test('has commands, and code that shows how hints are written', () => {
    const lines = [
      '<details><summary>T</summary>',
      '',
      '```',
      '</details>',
      '```{{exec HOST2}}',
      '',
      '</details>',
    ];
    expect(render(lines)).toMatchObject({
      blocks: [{ host: 'host02', command: '</details>' }],
      problems: [],
    });
  });

  test.each([
    ['without an end', ['<details><summary>T</summary>', 'x']],
    ['without a title', ['<details>', 'x', '</details>']],
    ['with attributes', ['<details class="a"><summary>T</summary>', 'x', '</details>']],
    ['within another', ['<details><summary>T</summary>', '<details><summary>U</summary>', 'x', '</details>']],
    ['with an empty title', ['<details><summary> </summary>', 'x', '</details>']],
  ])('%s is a problem', (_name, lines) => {
    expect(render(lines).problems).not.toEqual([]);
    expect(render(lines).html).not.toMatch(/<details class="a"|<details.*<details/s);
  });
});

describe('HTML', () => {
  test.each(['<br>', 'a <kbd>Ctrl</kbd> b', '<!-- later -->', '<img src="x.png">', '</div>'])(
    '%s is a problem, as it would be shown as it is written',
    (text) => {
      const { html, problems } = render([text]);
      expect(problems[0]).toMatchObject({ line: 1, message: expect.stringContaining('is HTML') });
      expect(html).toContain('&lt;');
    },
  );

  test('is none in code, behind a backslash, or where a word stands for something', () => {
    const lines = ['`<br>` and \\<br> and <token> and a<b', '', '```xml', '<b>x</b>', '```'];
    expect(render(lines).problems).toEqual([]);
  });
});

describe('code', () => {
  test('has colours by what it means', () => {
    expect(render(['```yaml', 'a: 1', '```']).html).toBe(
      '<pre><code class="language-yaml"><span class="hljs-attr">a:</span> <span class="hljs-number">1</span>\n' +
        '</code></pre>\n',
    );
  });

  test('keeps its variables whole, whatever colours they are in', () => {
    const { html, problems } = render(['```bash', 'echo "[[HOST1_IP]]" [[HOST2_IP]]:80', '```']);
    expect(html).toContain('<span class="hljs-string">&quot;[[HOST1_IP]]&quot;</span> [[HOST2_IP]]:80');
    expect(problems).toEqual([]);
  });

  test('has characters of private use as they are, also after a text that has some', () => {
    const text = (words: string) => ['```bash', words, '```'];
    expect(render(text('echo \uE000')).html).toContain('\uE000');
    expect(render(text('\uE000 [[HOST1_IP]]')).html).toContain('\uE000 [[HOST1_IP]]');
  });

  test('of a session tells what was typed from what was answered', () => {
    const lines = ['```console', '$ docker ps', 'CONTAINER ID', 'host01:~# echo <x>', '```'];
    expect(render(lines).html).toBe(
      '<pre><code class="language-console"><span class="prompt">$ </span><span class="typed">docker ps</span>\n' +
        'CONTAINER ID\n' +
        '<span class="prompt">host01:~# </span><span class="typed">' +
        '<span class="hljs-built_in">echo</span> &lt;x&gt;</span>\n</code></pre>\n',
    );
  });

  test.each(KNOWN_LANGUAGES.filter((language) => language !== 'text'))(
    'in %s says the same with and without colours',
    (language) => {
      const text = 'a: "<b>&" # [[HOST1_IP]] $(x) {"k": [1]}\n$ FROM x\n';
      const plain = render(['```text', text, '```']).html.replaceAll(/<[^>]*>/g, '');
      expect(render([`\`\`\`${language}`, text, '```']).html.replaceAll(/<[^>]*>/g, '')).toBe(plain);
    },
  );
});

describe('a link', () => {
  test('to a heading stays on the page, in any language', () => {
    const { html, problems } = render([
      '[a](#overlay-网络) [b](#two)',
      '',
      '## Overlay 网络',
      '',
      '## `Two`!',
    ]);
    expect(problems).toEqual([]);
    expect(html).toContain('<h2 id="text-overlay-网络">');
    expect(html).toMatch(/<a href="#text-[^"]+">a<\/a> <a href="#text-two">b<\/a>/);
  });

  test('is none where a word stands for something', () => {
    expect(render(['Run <image:tag> or `[a](ftp://b)`.']).problems).toEqual([]);
  });

  test('to a mailbox is one', () => {
    expect(render(['<mailto:a@example.org>']).html).toContain('<a href="mailto:a@example.org">');
  });

  test.each([
    ['another page', '[a](step2.md)', 'not to “step2.md”'],
    ['a path of the server', '[a](/labs/x)', 'not to “/labs/x”'],
    ['a heading that is not there', '[a](#nowhere)', 'no heading #nowhere'],
    ['a heading of Chinese words that is not there', '[a](#网络)', 'no heading #网络'],
    ['a script', '[a](javascript:alert(1))', 'not to “javascript:alert(1)”'],
    ['a script with brackets', '[a](javascript:a(b(1)))', 'not to “javascript:a(b(1))”'],
    ['another scheme', '[a](ftp://example.org)', 'not to “ftp://example.org”'],
  ])('to %s is a problem', (_name, text, message) => {
    expect(render(['text', text]).problems).toEqual([
      { line: 2, column: 5, message: expect.stringContaining(message) },
    ]);
  });
});

test('of links, directives and HTML on one line, each problem has its own place', () => {
  const lines = ['| a | b |', '|-|-|', '| [a](x:12) [a](x:1) | <br> {{exec}} | {{exec}} |'];
  expect(render(lines).problems.map(({ line, column }) => [line, column])).toEqual([
    [3, 7],
    [3, 17],
    [3, 24],
    [3, 29],
  ]);
  expect(
    render(['a {{exec}}', '> b {{exec}} {{exec}}']).problems.map(({ line, column }) => [line, column]),
  ).toEqual([
    [1, 3],
    [2, 5],
    [2, 14],
  ]);
});

test('a link to a host is a problem, as no browser reaches it', () => {
  expect(render(['See [it](http://[[HOST1_IP]]:81/)']).problems).toEqual([
    { line: 1, column: 17, message: expect.stringContaining('a link cannot lead to a host') },
  ]);
});

describe('tables and struck text', () => {
  test('are there', () => {
    const { html, problems } = render(['| a |', '|---|', '| `ls`{{exec HOST5}} ~~b~~ |']);
    expect(html).toContain('<td>');
    expect(html).toContain('<s>b</s>');
    expect(problems).toMatchObject([{ line: 3, column: 7 }]);
  });
});
