import { describe, expect, test } from 'vitest';
import { renderMarkdown } from '../../../../server/scenarios/markdown/render-markdown.ts';

const options = { hosts: ['host01', 'host02'], locale: 'en' } as const;
const render = (...lines: string[]) => renderMarkdown(lines.join('\n'), options);
const number = (id: string) => id.split('-')[0];
const commands = (...lines: string[]) =>
  render(...lines).blocks.map(({ id, host, interrupt, command }) => [
    number(id),
    host,
    command,
    ...(interrupt ? ['interrupt'] : []),
  ]);

describe('command blocks', () => {
  test('a directive on the closing fence makes a block of the fence', () => {
    const { html, blocks } = render('```', 'echo "a" <b>', '```{{exec HOST2}}', '', 'after');
    expect(blocks).toMatchObject([{ host: 'host02', command: 'echo "a" <b>', line: 3 }]);
    expect(html).toBe(
      `<div class="command" data-block="${blocks[0]?.id}" data-host="host02">` +
        '<pre><code>echo &quot;a&quot; &lt;b&gt;\n</code></pre></div>\n<p>after</p>\n',
    );
  });

  test('a directive on the line after the fence does the same', () => {
    const { html, blocks } = render('```', 'ls', '```', '{{exec}}', '', 'after');
    expect(blocks).toMatchObject([{ host: 'host01', command: 'ls', line: 4 }]);
    expect(html).toMatch(/^<div class="command" .*<\/div>\n<p>after<\/p>\n$/s);
  });

  test('text that goes on after a directive on its own line is kept', () => {
    expect(render('```', 'ls', '```', '{{exec}}', 'and then').html).toContain('<p>and then</p>');
  });

  test('a directive after a blank line does not reach back to the fence', () => {
    const { blocks, problems } = render('```', 'ls', '```', '', '{{exec}}');
    expect(blocks).toEqual([]);
    expect(problems).toMatchObject([{ line: 5, column: 1 }]);
  });

  test('a directive after a code span makes an inline block', () => {
    const { html, blocks, problems } = render('Type `ls -l`{{exec host02}} now.');
    const attributes = `data-block="${blocks[0]?.id}" data-host="host02"`;
    expect(html).toBe(`<p>Type <span class="command" ${attributes}><code>ls -l</code></span> now.</p>\n`);
    expect(problems).toEqual([]);
  });

  test.each([
    ['{{exec}}', ['b1', 'host01', 'ls']],
    ['{{execute}}', ['b1', 'host01', 'ls']],
    ['{{execute HOST2}}', ['b1', 'host02', 'ls']],
    ['{{exec host02}}', ['b1', 'host02', 'ls']],
    ['{{exec interrupt}}', ['b1', 'host01', 'ls', 'interrupt']],
    ['{{exec interrupt HOST2}}', ['b1', 'host02', 'ls', 'interrupt']],
    ['{{ exec HOST2 interrupt }}', ['b1', 'host02', 'ls', 'interrupt']],
  ])('%s is understood', (directive, expected) => {
    expect(commands(`\`ls\`${directive}`)).toEqual([expected]);
    expect(commands('```', 'ls', `\`\`\`${directive}`)).toEqual([expected]);
  });

  test('an edited command is another block, so that no page runs what it does not show', () => {
    const id = (text: string) => render(text).blocks[0]?.id;
    expect(id('`ls`{{exec}}')).toBe(id('Type `ls`{{exec}} now'));
    expect(id('`ls`{{exec}}')).not.toBe(id('`rm`{{exec}}'));
    expect(id('`ls`{{exec}}')).not.toBe(id('`ls`{{exec HOST2}}'));
  });

  test('a directive in a quotation, a list and a longer fence is found at its own fence', () => {
    expect(
      commands('> ```', '> a', '> ```{{exec}}', '', '- x', '', '  ~~~~', '  ```', '  b', '  ~~~~{{exec}}'),
    ).toEqual([
      ['b1', 'host01', 'a'],
      ['b2', 'host01', '```\nb'],
    ]);
  });

  test('what is indented as code has no directive, and opens no fence', () => {
    expect(commands('    ```', '', '`ls`{{exec}}', '', '```', 'pwd', '```{{exec}}')).toEqual([
      ['b1', 'host01', 'ls'],
      ['b2', 'host01', 'pwd'],
    ]);
  });

  test('Killercoda’s empty directive leaves code without a button', () => {
    expect(render('`ls`{{}} and {{}}')).toMatchObject({
      html: '<p><code>ls</code> and {{}}</p>\n',
      blocks: [],
      problems: [],
    });
    expect(render('```', 'ls', '```{{}}')).toMatchObject({
      html: '<pre><code>ls\n</code></pre>\n',
      problems: [],
    });
  });

  test('blocks are numbered in the order of the page, and copies are not', () => {
    const lines = ['`a`{{exec}} `b`{{copy}}', '', '```', 'c', '```{{exec}}', '', '- `d`{{exec HOST2}}'];
    expect(commands(...lines)).toEqual([
      ['b1', 'host01', 'a'],
      ['b2', 'host01', 'c'],
      ['b3', 'host02', 'd'],
    ]);
  });

  test('copies say so', () => {
    expect(render('`b`{{copy}}').html).toBe('<p><span class="command" data-copy><code>b</code></span></p>\n');
    expect(render('```', 'b', '```{{copy}}').html).toContain('<div class="command" data-copy><pre><code>b');
  });

  test('a Go template inside a command is no directive', () => {
    const command = 'docker service inspect http --format="{{.Endpoint.VirtualIPs}}"';
    expect(commands('```', command, '```{{exec}}')).toEqual([['b1', 'host01', command]]);
    expect(commands(`\`${command}\`{{exec}}`)).toEqual([['b1', 'host01', command]]);
    expect(render('```', command, '```')).toMatchObject({ blocks: [], problems: [] });
  });

  test('a sample output has no buttons', () => {
    expect(render('```text', 'out', '```').html).toBe(
      '<pre><code class="language-text">out\n</code></pre>\n',
    );
  });

  test('several lines are one block', () => {
    expect(commands('```', 'curl a', '', 'curl b', '```{{exec}}')).toEqual([
      ['b1', 'host01', 'curl a\n\ncurl b'],
    ]);
  });

  test('a fence in a list item keeps its directive', () => {
    expect(commands('1. do', '', '   ```', '   ls', '   ```{{exec HOST2}}', '', '2. next')).toEqual([
      ['b1', 'host02', 'ls'],
    ]);
  });

  test('a longer fence shows how directives are written', () => {
    const { html, blocks } = render('````', '```', 'ls', '```{{exec}}', '````');
    expect(blocks).toEqual([]);
    expect(html).toContain('```{{exec}}');
  });

  test('line ends of Windows change nothing', () => {
    const { blocks } = renderMarkdown('```\r\nls\r\n```{{exec}}\r\n', options);
    expect(blocks).toMatchObject([{ command: 'ls' }]);
  });
});

describe('problems', () => {
  test.each([
    ['a host that is not there', ['text', '`ls`{{exec HOST3}}'], 2, 'the scenario has no host03'],
    ['two hosts', ['`ls`{{exec HOST1 HOST2}}'], 1, 'a command is run on one host'],
    ['a word in capitals', ['`ls`{{Exec}}'], 1, '“Exec” is written “exec”'],
    ['a word that nobody knows', ['`ls`{{exec HOST1 now}}'], 1, '“now” is neither a host nor “interrupt”'],
    ['a directive after nothing', ['Press {{exec}}'], 1, 'does not stand directly after a command'],
    ['a directive after the opening fence', ['```{{exec}}', 'ls', '```'], 1, 'not after the opening one'],
    ['an empty command', ['```', '```{{exec}}'], 2, 'empty command'],
    ['a terminal’s number', ['`ls`{{execute T2}}'], 1, 'name the host, such as HOST2'],
    ['a control sequence', ['`^C`{{execute ctrl-seq}}'], 1, 'which keys to press'],
    ['a file to open', ['`a.txt`{{open}}'], 1, 'no editor'],
    ['a link to a port', ['text', 'see {{TRAFFIC_HOST1_80}}'], 2, 'use curl'],
    ['an unknown language', ['```bsah', 'ls', '```'], 1, 'no colours for “bsah”'],
    ['a prompt in a command', ['```console', '$ ls', '```{{exec}}'], 1, 'a prompt in a command'],
    ['an unknown variable', ['see', '[[HOST3_IP]]'], 2, '[[HOST3_IP]] is no variable'],
  ])('%s is a problem with its line', (_name, lines, line, message) => {
    expect(render(...lines).problems).toEqual([
      { line, column: expect.any(Number), message: expect.stringContaining(message) },
    ]);
  });

  test('each is at its own place, also twice on a line and in a quotation', () => {
    const { problems } = render('> `a`{{exec HOST5}} and `b`{{exec HOST5}}', '> then [[NOPE]]');
    expect(problems.map(({ line, column }) => [line, column])).toEqual([
      [1, 6],
      [1, 28],
      [2, 8],
    ]);
  });

  test('a text with more commands than anybody runs is a problem', () => {
    expect(render('`a`{{exec}} '.repeat(101)).problems).toMatchObject([
      { message: expect.stringContaining('100') },
    ]);
  });

  test('a test of the shell is no variable', () => {
    expect(render('```', '[[ -f a ]] && echo b', '```{{exec}}').problems).toEqual([]);
  });
});

describe('safety', () => {
  test('raw HTML is shown, not obeyed', () => {
    const { html } = render('<script>alert(1)</script>', '', 'a <img src=x onerror=alert(1)> b');
    expect(html).not.toMatch(/<script|<img/);
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', '//host/path', 'JaVaScRiPt:x'])(
    'a link to %s is no link',
    (url) => {
      expect(render(`[a](${url})`, '', `<${url}>`, '', `![i](${url})`).html).not.toMatch(/<a |<img /);
    },
  );

  test('a link opens beside the lab and knows nothing of it', () => {
    expect(render('[a](https://example.org/)').html).toContain(
      '<a href="https://example.org/" target="_blank" rel="noopener">a</a>',
    );
  });

  test('a fence cannot break out of its block', () => {
    const { html } = render('```"><script>', '</code><script>', '```{{exec}}');
    expect(html).not.toContain('<script>');
  });
});
