import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { loadScenario } from '../../../server/scenarios/load-scenario.ts';
import { renderMarkdown } from '../../../server/scenarios/markdown/render-markdown.ts';
import { ScenarioFolder } from '../../../server/scenarios/scenario-folder.ts';
import { growth } from '../../support/growth.ts';
import { DOT_SVG, GOOD, scenarioFolder } from './scenario-folder.ts';

/** Four times as much takes four times as long where that grows in proportion, and 16 times where it grows with the square. */
const BELOW_SQUARE = 9;

// Whoever waits for a pipe or for the end of a device waits for ever, and a busy machine does not.
vi.setConfig({ testTimeout: 60_000 });

const repeated = (part: string, length: number) => part.repeat(Math.floor(length / part.length));
const render = (text: string) => renderMarkdown(text, { hosts: ['host01'], locale: 'en' });

type Change = (lab: string, outside: string) => Promise<unknown>;

/** What is said of the good scenario with some files changed: `file:line:column message`. */
async function problemsOf(files: Record<string, string> = {}, change?: Change): Promise<string[]> {
  await using folder = await scenarioFolder({ lab: { ...GOOD, ...files } });
  const lab = join(folder.path, 'lab');
  await change?.(lab, folder.path);
  const { scenario, problems } = await loadScenario(lab, 'lab');
  expect(scenario).toBeUndefined();
  return problems.map(
    ({ file, line, column, message }) => `${relative(lab, file)}:${line}:${column} ${message}`,
  );
}

const yaml = (from: string, to: string) => ({
  'scenario.yaml': (GOOD['scenario.yaml'] ?? '').replace(from, to),
});

const write =
  (name: string, bytes: Buffer | string): Change =>
  (lab) =>
    writeFile(join(lab, name), bytes);

describe('a scenario.yaml', () => {
  const bomb = `minutes: 5\nlol: &a [x, x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
    .map((name, i) => {
      const before = String.fromCharCode(name.charCodeAt(0) - 1);
      return `lol${i}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]`;
    })
    .join('\n')}`;

  test.each([
    ['a bomb of aliases', yaml('minutes: 5', bomb), /^scenario.yaml:5:\d+ Excessive alias count/],
    ['an alias of itself', yaml('minutes: 5', 'minutes: &m [*m]'), /^scenario.yaml:3:\d+ /],
    [
      '`__proto__`',
      yaml('minutes: 5', 'minutes: 5\n__proto__: { minutes: 6 }'),
      /:4:1 unknown key “__proto__”/,
    ],
    [
      '`__proto__` in a check',
      yaml('swarm-joined: {', 'swarm-joined: { __proto__: 1,'),
      /:13:25 unknown key “__proto__”/,
    ],
    ['`constructor`', yaml('minutes: 5', 'minutes: 5\nconstructor: x'), /:4:1 constructor: unknown key/],
    ['the validator `constructor`', yaml('swarm-joined', 'constructor'), /no validator named “constructor”/],
    ['a key that is a map', yaml('minutes: 5', 'minutes: 5\n? { a: b }\n: c'), /:4:3 a key must be a word/],
    ['a string without end', yaml('{ en: Short', `{ en: ${'x'.repeat(20_000)}`), /:2:16 .*longer than 10000/],
    [
      'nested flows',
      yaml('minutes: 5', `minutes: ${'['.repeat(500)}${']'.repeat(500)}`),
      /:3:\d+ .*nested deeper/,
    ],
    ['unclosed flows', yaml('minutes: 5', `minutes: ${'['.repeat(50_000)}`), /^scenario.yaml:\d+:\d+ /],
    [
      'deeply nested flows',
      yaml('minutes: 5', `minutes: ${'['.repeat(30_000)}${']'.repeat(30_000)}`),
      /:3:\d+ .*nested deeper/,
    ],
    [
      'nested lists',
      yaml('minutes: 5', `minutes:\n  ${'- '.repeat(20_000)}x`),
      /^scenario.yaml:4:\d+ .*nested deeper/,
    ],
    ['a tag of a program', yaml('minutes: 5', 'minutes: !!js/function "x"'), /:3:10 Unresolved tag/],
    [
      'a crowd of keys',
      yaml('minutes: 5', Array.from({ length: 5000 }, (_, i) => `k${i}: 1`).join('\n')),
      /more than 10000 entries/,
    ],
    ['megabytes', yaml('minutes: 5', `minutes: 5 # ${'x'.repeat(2_000_000)}`), /:1:1 is larger than 64 KiB/],
    ['nothing', { 'scenario.yaml': '' }, /:1:1 must be a map/],
    [
      'a map for a text whose length is no number',
      yaml("'redis:alpine'", '{ length: { valueOf: 0, toString: 0 } }'),
      /:6:1 images: has a map where there must be a text or a list/,
    ],
    ['a path for a text', yaml('text: step1', 'text: ../../etc/passwd'), /:11:5 .*must be a file name/],
    ['an absolute path for a text', yaml('text: step1', 'text: /etc/passwd'), /:11:5 .*must be a file name/],
    ['a path for an image', yaml("'redis:alpine'", "'../redis'"), /:6:10 .*must be an image name/],
  ])('with %s is refused at its place', async (_name, files, expected) => {
    expect((await problemsOf(files)).join('\n')).toMatch(new RegExp(expected, 'm'));
    expect({}).not.toHaveProperty('minutes');
  });

  test.each<[string, (count: number) => string, number]>([
    ['unclosed flows', (count) => `minutes: ${'['.repeat(count)}`, 50_000],
    ['nested flows', (count) => `minutes: ${'['.repeat(count)}${']'.repeat(count)}`, 30_000],
    ['nested lists', (count) => `minutes:\n  ${'- '.repeat(count)}x`, 20_000],
    ['keys', (count) => Array.from({ length: count }, (_, i) => `k${i}: 1`).join('\n'), 5000],
    ['the same keys', (count) => 'k: 1\n'.repeat(count), 10_000],
  ])('of %s takes time in proportion to its length', async (_name, make, most) => {
    const read = (count: number) => problemsOf(yaml('minutes: 5', make(count)));
    expect(await growth(read, most / 4, BELOW_SQUARE)).toBeLessThan(BELOW_SQUARE);
  });

  test.each([
    ['bytes that are no UTF-8', Buffer.from('title: x\nsummary: \xff\n', 'latin1'), ':2:10 is not UTF-8'],
    ['a NUL', 'title: x\n a\0b', ':2:3 has the character U+0000'],
  ])('with %s is refused at its place', async (_name, bytes, expected) => {
    expect(await problemsOf({}, write('scenario.yaml', bytes))).toEqual([
      expect.stringContaining(`scenario.yaml${expected}`),
    ]);
  });
});

describe('a scenario’s folder', () => {
  test.each<[string, Change, string]>([
    [
      'a link out of it',
      (lab, outside) => symlink(outside, join(lab, 'outside')),
      'outside:1:1 is a link that leads out',
    ],
    [
      'a link to a file outside',
      async (lab, outside) => {
        await writeFile(join(outside, 'secret'), 'FROM scratch');
        await symlink('../../../secret', join(lab, 'images/redis/file'));
      },
      'images/redis/file:1:1 is a link that leads out',
    ],
    [
      'a link to a device',
      (lab) => symlink('/dev/zero', join(lab, 'zero')),
      'zero:1:1 is a link that leads out',
    ],
    [
      'a link to nothing',
      (lab) => symlink('nothing', join(lab, 'link')),
      'link:1:1 is a link that leads nowhere',
    ],
    [
      'a link to itself',
      (lab) => symlink('link', join(lab, 'link')),
      'link:1:1 is a link that leads nowhere',
    ],
    [
      'a link to itself as a folder',
      (lab) => symlink('.', join(lab, 'link')),
      'link:1:1 is a link that leads out',
    ],
    [
      'a pipe, which nobody writes into',
      async (lab) => execFileSync('mkfifo', [join(lab, 'pipe.md')]),
      'pipe.md:1:1 is neither a file nor a folder',
    ],
  ])('with %s is refused', async (_name, change, expected) => {
    expect(await problemsOf({}, change)).toEqual(expect.arrayContaining([expect.stringContaining(expected)]));
  });

  test('may have a link to a text of its own', async () => {
    await using folder = await scenarioFolder({ lab: { ...GOOD, 'finish.md': undefined } });
    await symlink('intro.md', join(folder.path, 'lab/finish.md'));
    expect((await loadScenario(join(folder.path, 'lab'), 'lab')).problems).toEqual([]);
  });

  test.each(['step1.md', 'assets'])(
    'of which %s becomes a link while it is read is not followed out of it',
    async (name) => {
      await using outside = await scenarioFolder({
        lab: { ...GOOD, 'assets/a.svg': DOT_SVG },
        secret: { 'a.svg': DOT_SVG },
      });
      const folder = await ScenarioFolder.open(join(outside.path, 'lab'));
      await rm(join(outside.path, 'lab', name), { recursive: true });
      await symlink(
        join(outside.path, name === 'assets' ? 'secret' : 'secret/a.svg'),
        join(outside.path, 'lab', name),
      );
      expect(await folder.readText(name === 'assets' ? 'assets/a.svg' : name)).toBeNull();
      expect(folder.problems).toEqual([
        expect.objectContaining({ message: expect.stringContaining('was replaced') }),
      ]);
    },
  );

  test('of which a file becomes a folder or a pipe while it is read has a problem, and nobody waits', async () => {
    await using outside = await scenarioFolder({ lab: GOOD });
    const lab = join(outside.path, 'lab');
    const folder = await ScenarioFolder.open(lab);
    await Promise.all([rm(join(lab, 'intro.md')), rm(join(lab, 'finish.md'))]);
    await mkdir(join(lab, 'intro.md'));
    execFileSync('mkfifo', [join(lab, 'finish.md')]);
    expect(await Promise.all([folder.readText('intro.md'), folder.readText('finish.md')])).toEqual([
      null,
      null,
    ]);
    expect(folder.problems).toHaveLength(2);
  });

  test('with more files than a lab has is refused', async () => {
    const files = Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [`many/${i}`, '']));
    expect((await problemsOf(files)).join('\n')).toContain(':1:1 the folder has more than 2000 files');
  });
});

describe('a text', () => {
  test.each<[string, Buffer | string, string]>([
    ['bytes that are no UTF-8', Buffer.from('ab\nc\xe9d', 'latin1'), ':2:2 is not UTF-8'],
    ['a NUL', 'a\0', ':1:2 has the character U+0000'],
    ['an escape sequence in a command', 'x\n`ls \u001b[2J`{{exec}}', ':2:5 has the character U+001B'],
    ['letters that run backwards', '`rm \u202Etxt`{{exec}}', ':1:5 has the character U+202E'],
    ['megabytes', 'x'.repeat(3_000_000), ':1:1 is larger than 64 KiB'],
    ['a quotation of quotations', `a\n\n${'>'.repeat(5000)} b`, ':3:1 this is nested deeper than 20 levels'],
    [
      'a list of lists',
      Array.from({ length: 60 }, (_, i) => `${'  '.repeat(i)}- a`).join('\n'),
      'nested deeper',
    ],
    ['thousands of mistakes', '{{exec}} '.repeat(6000), 'more problems'],
  ])('with %s is refused at its place', async (_name, bytes, expected) => {
    expect((await problemsOf({}, write('step1.md', bytes))).join('\n')).toContain(expected);
  });

  /** Of texts of 16 and of 64 KiB, which is the most that is read. */
  const most = 64 * 1024;
  test.each([
    '[',
    '![[',
    '[a](',
    '[a](<b',
    '*a **a _b ',
    '<',
    '<http:',
    '|a|b|\n|-|-|\n',
    '> ',
    '> a\n\n',
    '* a\n  * b\n',
    '1. ',
    '[a]: u\n',
    '[a](x:b)\n',
    '&#1',
    '{{exec ',
    '{{exec}} ',
    '{{exec}}\n',
    '`a`{{exec}} ',
    '[[HOST9_IP]]',
    '<details><summary>a</summary>\n',
    '> [!NOTE]\n\n',
    '```\na\n```{{exec\n',
  ])('that repeats %j takes time in proportion to its length', async (part) => {
    const make = (length: number) => repeated(part, length);
    expect(await growth((length) => render(make(length)), most / 4, BELOW_SQUARE)).toBeLessThan(BELOW_SQUARE);
  });

  test.each<[string, (length: number) => string]>([
    ['links', (length) => Array.from({ length: length / 11 }, (_, i) => `[](x:${i})`).join('')],
    ['stars', (length) => repeated('*_', length / 2) + repeated('_*', length / 2)],
    ['backticks', (length) => repeated('`', length).replace(/.{97}/g, '$& ')],
    ['spaces', (length) => `a${repeated(' ', length)}b`],
    ['hints in a hint', (length) => `${repeated('<details><summary>a</summary>\n', length)}</details>\n`],
  ])('of %s takes time in proportion to its length', async (_name, make) => {
    expect(await growth((length) => render(make(length)), most / 4, BELOW_SQUARE)).toBeLessThan(BELOW_SQUARE);
  });

  /** As long as code that is highlighted may be. */
  const mostCode = 19_000;
  test.each([
    ['bash', '"$('],
    ['console', '$ '],
    ['console', 'a.b:c/'],
    ['json', '{"a":'],
    ['yaml', '- - '],
    ['xml', '<a b="'],
    ['python', "f'{"],
    ['javascript', '`${'],
    ['javascript', '/'],
  ])('with code of %s that repeats %j takes time in proportion to its length', async (language, part) => {
    const make = (length: number) => `\`\`\`${language}\n${repeated(part, length)}\n\`\`\``;
    expect(await growth((length) => render(make(length)), mostCode / 4, BELOW_SQUARE)).toBeLessThan(
      BELOW_SQUARE,
    );
  });
});

describe('a picture', () => {
  const shows = (name: string) => ({
    'step1.md': `${GOOD['step1.md']}\n![dot](assets/${name})`,
    'step1.zh-CN.md': `${GOOD['step1.zh-CN.md']}\n![点](assets/${name})`,
  });

  test.each([
    ['that is no picture', 'a.png', 'no', 'assets/a.png:1:1 is not what its name says'],
    ['with a script', 'a.svg', DOT_SVG.replace('<circle', '<script>1</script><circle'), 'has <script in it'],
    ['with a handler', 'a.svg', DOT_SVG.replace('<circle', '<circle onload="x"'), 'has onload= in it'],
    [
      'with a script of another prefix',
      'a.svg',
      DOT_SVG.replace('<circle', '<s:script>1</s:script><circle'),
      'has <s:script in it',
    ],
    [
      'with a picture from elsewhere',
      'a.svg',
      DOT_SVG.replace('<circle', '<image href="https://example.org/a.png"/><circle'),
      'has href="https://example.org/a.png in it',
    ],
    [
      'with a font from elsewhere',
      'a.svg',
      DOT_SVG.replace('<circle', '<style>text { src: url(a.woff) }</style><circle'),
      'has url(a.woff in it',
    ],
    ['with entities', 'a.svg', `<!DOCTYPE svg [<!ENTITY a "b">]>${DOT_SVG}`, 'has <!DOCTYPE in it'],
    ['of megabytes', 'a.svg', DOT_SVG + ' '.repeat(2_000_000), 'is larger than 1024 KiB'],
    ['of another kind', 'a.html', '<p>', 'a picture is one of'],
  ])('%s is refused', async (_name, name, content, expected) => {
    expect((await problemsOf({ ...shows(name), [`assets/${name}`]: content })).join('\n')).toContain(
      expected,
    );
  });

  test('may use parts of its own, and pictures that are in it', async () => {
    const own = '<use href="#a"/><rect fill="url( #b )"/><image xlink:href="data:image/png;base64,"/>';
    const files = { ...shows('a.svg'), 'assets/a.svg': DOT_SVG.replace('<circle', `${own}<circle`) };
    await using folder = await scenarioFolder({ lab: { ...GOOD, ...files } });
    expect((await loadScenario(join(folder.path, 'lab'), 'lab')).problems).toEqual([]);
  });

  test.each([
    [
      'outside of the folder',
      '![a](../a.svg)',
      'step1.md:1:6 a picture comes from the scenario’s folder assets/',
    ],
    ['outside by way of assets', '![a](assets/../../a.svg)', 'the file assets/../../a.svg is missing'],
    [
      'of another site',
      '![a](https://example.org/a.svg)',
      'a picture comes from the scenario’s folder assets/',
    ],
    ['that is missing', '![a](assets/a.svg)', 'step1.md:1:6 the file assets/a.svg is missing'],
  ])('%s is refused', async (_name, text, expected) => {
    const files = { 'step1.md': text, 'step1.zh-CN.md': text };
    expect((await problemsOf(files)).join('\n')).toContain(expected);
  });

  test('without words for whoever cannot see it is a problem, as is one that no text shows', async () => {
    const files = { 'finish.md': '![](assets/a.svg)', 'assets/a.svg': DOT_SVG, 'assets/b.svg': DOT_SVG };
    expect(await problemsOf(files)).toEqual([
      'assets/b.svg:1:1 no text shows this picture',
      expect.stringMatching(/^finish\.md:1:5 the picture assets\/a\.svg has no words/),
    ]);
  });
});
