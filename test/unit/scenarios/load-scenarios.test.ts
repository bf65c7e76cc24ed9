import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scenarioJsonSchema } from '../../../server/scenarios/json-schema.ts';
import { loadScenarios } from '../../../server/scenarios/load-scenarios.ts';
import { KNOWN_LANGUAGES } from '../../../server/scenarios/markdown/highlight.ts';
import { validators } from '../../../validators/index.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { DOT_SVG, GOOD, scenarioFolder } from './scenario-folder.ts';

const yaml = (from: string, to: string) => ({
  ...GOOD,
  'scenario.yaml': (GOOD['scenario.yaml'] ?? '').replace(from, to),
});

/** The problems of one scenario, short: `file:line message`. */
async function problemsOf(files: Readonly<Record<string, string | undefined>>) {
  await using folder = await scenarioFolder({ lab: files });
  const { scenarios, problems } = await loadScenarios(folder.path);
  expect(scenarios.size).toBe(problems.length === 0 ? 1 : 0);
  return problems.map(
    ({ file, line, message }) => `${relative(`${folder.path}/lab`, file)}:${line} ${message}`,
  );
}

describe('loadScenarios', () => {
  test('a scenario opens one step after the other, and sets no limit of its own, unless it says so', async () => {
    const free = yaml('minutes: 5', 'minutes: 5\ngating: free\ntime-limit: 45');
    await using folder = await scenarioFolder({ lab: GOOD, free });
    const { scenarios } = await loadScenarios(folder.path);
    expect(scenarios.get('lab')).toMatchObject({ gating: 'strict', timeLimit: null });
    expect(scenarios.get('free')).toMatchObject({ gating: 'free', timeLimit: 45 });
    expect(await problemsOf(yaml('minutes: 5', 'minutes: 5\ntime-limit: 0'))).toEqual([
      expect.stringMatching(/^scenario.yaml:4 /),
    ]);
  });

  test('a good scenario is loaded whole', async () => {
    await using folder = await scenarioFolder({ lab: GOOD });
    const { scenarios, problems } = await loadScenarios(folder.path);
    expect(problems).toEqual([]);
    const scenario = scenarios.get('lab');
    expect(scenario).toMatchObject({
      slug: 'lab',
      title: { en: 'A lab', 'zh-CN': '实验' },
      hosts: ['host01', 'host02'],
      needs: ['swarm'],
      images: [{ name: 'redis:alpine', context: `${folder.path}/lab/images/redis` }],
    });
    const [step] = scenario?.steps ?? [];
    expect(step?.checks).toEqual([
      {
        validator: 'swarm-joined',
        params: { manager: 'host01', workers: ['host02'] },
        title: {
          en: expect.stringContaining('host02'),
          'zh-CN': expect.stringContaining('host02'),
        },
        files: new Map(),
      },
    ]);
    expect(step?.page.blocks).toEqual([
      { id: expect.stringMatching(/^b1-/), host: 'host01', interrupt: false, command: 'docker info' },
      { id: expect.stringMatching(/^b2-/), host: 'host02', interrupt: false, command: 'curl [[HOST2_IP]]' },
    ]);
  });

  test.each([
    ['minutes: 5', null],
    ['minutes: 5\ndifficulty: advanced', 'advanced'],
  ])('%j is for whom it says', async (lines, difficulty) => {
    await using folder = await scenarioFolder({
      lab: { ...GOOD, 'scenario.yaml': GOOD['scenario.yaml']?.replace('minutes: 5', lines) },
    });
    expect((await loadScenarios(folder.path)).scenarios.get('lab')?.difficulty).toBe(difficulty);
  });

  test('variables are put into text and commands when a page is rendered, escaped in the text', async () => {
    await using folder = await scenarioFolder({ lab: GOOD });
    const page = (await loadScenarios(folder.path)).scenarios.get('lab')?.steps[0]?.page;
    const rendered = page?.render({ HOST2_IP: '<1&2>' });
    expect(rendered?.blocks[1]?.command).toBe('curl <1&2>');
    expect(rendered?.html.en).toContain('curl &lt;1&amp;2&gt;');
    expect(page?.render({}).html).toEqual(page?.html);
  });

  test('all problems of a scenario are told at once, each at its place', async () => {
    const problems = await problemsOf({
      ...yaml('minutes: 5', 'minutes: soon\ncolour: red'),
      'step1.md': 'Run `docker info`{{exec HOST5}}',
      'finish.zh-CN.md': undefined,
      'images/redis/Dockerfile': undefined,
      'images/redis/notes.txt': '',
    });
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^scenario.yaml:3 minutes: /),
        expect.stringMatching(/^scenario.yaml:4 colour: unknown key/),
        expect.stringMatching(/^scenario.yaml:7 images\[0\]: the file images\/redis\/Dockerfile is missing/),
        expect.stringMatching(/^scenario.yaml:15 finish: the file finish.zh-CN.md is missing/),
        expect.stringMatching(/^step1.md:1 .*the scenario has no host05/),
      ]),
    );
  });

  test.each([
    ['an unknown validator', '- swarm-joined', '- swarm-jioned', 'no validator named “swarm-jioned”'],
    ['parameters that are wrong', 'workers: [host02]', 'workers: []', 'checks[0]["swarm-joined"].workers'],
    [
      'parameters not known',
      'manager:',
      'extra: 1, manager:',
      'checks[0]["swarm-joined"].extra: unknown key “extra”; known are manager, workers',
    ],
    ['a parameter too few', 'manager: host01, ', '', '["swarm-joined"].manager: is missing'],
    ['a parameter of another kind', '[host02]', 'host02', 'workers: must be a list, not a text'],
    [
      'a check that is a file name',
      'swarm-joined: { manager: host01, workers: [host02] }',
      'verify.sh',
      'checks[0]: must be a validator with its parameters',
    ],
    [
      'a host of another name',
      '[host01, host02]',
      '[web, host02]',
      'hosts[0]: must be one of host01 to host05',
    ],
    ['a check of a missing host', 'workers: [host02]', 'workers: [host03]', 'the scenario has no host03'],
    ['an unknown step key', 'text: step1', 'text: step1\n    txt: x', 'unknown key “txt”'],
    ['a title without words', 'zh-CN: 实验', "zh-CN: ' '", 'title["zh-CN"]: must not be empty'],
    ['a summary without words', '{ en: Short', "{ en: ''", 'summary.en: must not be empty'],
    ['a title in too few languages', '{ en: First, zh-CN: 第一步 }', '{ en: First }', 'no text in zh-CN'],
    ['a host twice', '[host01, host02]', '[host01, host01]', 'must not name a host twice'],
    ['a text outside its folder', 'text: step1', 'text: ../other/step1', 'must be a file name'],
    ['a key twice', 'minutes: 5', 'minutes: 5\nminutes: 6', 'Map keys must be unique'],
    ['no YAML', 'minutes: 5', 'minutes: [5', 'scenario.yaml:'],
    ['an alias of nothing', 'minutes: 5', 'minutes: *five', 'scenario.yaml:3 Unresolved alias'],
    [
      'a title in too many languages',
      'title: { en: A lab, zh-CN: 实验 }',
      'title: { en: A lab }',
      'summary["zh-CN"]: is in zh-CN',
    ],
    [
      'a text that no step has',
      'text: step1',
      'text: intro',
      'step1.md:1 this text is no intro, step or finish',
    ],
    [
      'a text in too many languages',
      'title: { en: A lab, zh-CN: 实验 }',
      'title: { en: A lab }',
      'intro.zh-CN.md:1 the title is not in zh-CN',
    ],
    [
      'an image that nobody builds',
      "'redis:alpine'",
      "'redis:alpine', nginx",
      'scenario.yaml:6 images[1]: there is no folder images/nginx, and no other lab has one: make it, with the Dockerfile that the image is built from; they have alpine, dig,',
    ],
    [
      'a folder of no image',
      "['redis:alpine']",
      '[]',
      'images/redis:1 images of scenario.yaml names no image',
    ],
  ])('%s is a problem', async (_name, from, to, expected) => {
    const problems = await problemsOf(yaml(from, to));
    expect(problems.join('\n')).toContain(expected);
  });

  test.each([
    ['hosts', '[host01, host02]', 'host01, host02', ['scenario.yaml:4 hosts: must be a list, not a text']],
    ['a title', '{ en: A lab, zh-CN: 实验 }', 'A lab', ['scenario.yaml:1 title: must be a map, not a text']],
    ['steps', 'steps:\n  - id', 'steps:\n    id', ['scenario.yaml:8 steps: must be a list, not a map']],
    ['a finish', 'finish: finish', '# none', ['scenario.yaml:1 finish: is missing']],
    ['images', "['redis:alpine']", 'redis', ['scenario.yaml:6 images: must be a list, not a text']],
    ['an intro', 'intro: intro', 'intro: intro.md', [expect.stringContaining('without its ending')]],
    ['anything', GOOD['scenario.yaml'] ?? '', '- a\n', [expect.stringContaining('must be a map with title')]],
  ])(
    'of a scenario whose %s cannot be read, nothing is said that follows from that',
    async (_name, from, to, expected) => {
      expect(await problemsOf(yaml(from, to))).toEqual(expected);
    },
  );

  test.each([
    ['nothing', '', 'mutations.yaml:1 must be a map, not nothing'],
    [
      'no host',
      'first: [{ name: a, run: {}, undo: b, fails: swarm-joined, because: c }]',
      'first[0].run: must name a host at least',
    ],
    [
      'an unknown host',
      'first: [{ name: a, run: { host9: b }, undo: b, fails: swarm-joined, because: c }]',
      'first[0].run: must be a command for the first host, or a map',
    ],
  ])('wrong states with %s are a problem in words', async (_name, text, expected) => {
    expect(await problemsOf({ ...GOOD, 'mutations.yaml': text })).toEqual([
      expect.stringContaining(expected),
    ]);
  });

  test('a second document is a problem in words, as are an empty text and a colon without quotes', async () => {
    const first = GOOD['scenario.yaml'] ?? '';
    expect(await problemsOf({ ...GOOD, 'scenario.yaml': `${first}---\na: b\n` })).toEqual([
      'scenario.yaml:15 another document begins here, after “---”: a file has one',
    ]);
    expect(await problemsOf({ ...GOOD, 'finish.md': ' \n' })).toEqual(['finish.md:1 is empty']);
    expect((await problemsOf(yaml('minutes: 5', 'minutes: 5: x'))).join()).toContain('stands in quotes');
  });

  test.each([
    ['a parameter', 'workers: [host02]', 'workers: two', ['["swarm-joined"].workers: must be a list']],
    ['the list of steps', 'steps:', 'stages:', ['stages: unknown key', 'steps: is missing']],
    ['the list of hosts', 'hosts: [host01, host02]\n', '', ['hosts: is missing']],
    ['the title', 'title: { en: A lab, zh-CN: 实验 }\n', '', ['title: is missing']],
    ['a step’s id', 'id: first', 'id: The first', ['steps[0].id: must have lower case letters, digits']],
    ['the name of a text', 'intro: intro', '', ['intro: is missing']],
    ['the list of images', "['redis:alpine']", 'redis', ['images: must be']],
  ])('%s that cannot be read is told alone, without what belongs to it', async (_, from, to, expected) => {
    const mutations = 'first: [{ name: left, run: a, undo: b, fails: swarm-joined, because: c }]';
    const problems = await problemsOf({ ...yaml(from, to), 'mutations.yaml': mutations });
    expect(problems).toHaveLength(expected.length);
    for (const each of expected) expect(problems.join()).toContain(each);
  });

  test('a folder with the description of another platform is told what takes its place', async () => {
    const problems = await problemsOf({ ...GOOD, 'scenario.yaml': undefined, 'index.json': '{}' });
    expect(problems).toEqual([
      expect.stringContaining('index.json, of Katacoda and Killercoda, is not read'),
    ]);
  });

  test('a step id that comes twice is a problem', async () => {
    const step = '  - { id: first, title: { en: F, zh-CN: 一 }, text: step1 }\n';
    expect((await problemsOf(yaml('finish: finish', `${step}finish: finish`))).join()).toContain(
      'another step has the id “first”',
    );
  });

  test.each([
    ['another command', 'docker info', 'docker version', 'command 1 is not the one of step1.md, line 1'],
    ['another host', '{{exec HOST2}}', '{{exec}}', 'command 2 has another directive than in step1.md'],
    ['a command too few', '`docker info`{{exec}}', 'it', 'command 1 is not the one'],
    ['a command too many', '：', '`x`{{copy}} `y`{{exec}}', 'command 2 is not the one'],
  ])('%s in a translation is a problem', async (_name, from, to, expected) => {
    const text = (GOOD['step1.zh-CN.md'] ?? '').replace(from, to);
    const problems = await problemsOf({ ...GOOD, 'step1.zh-CN.md': text });
    expect(problems).toEqual([expect.stringContaining(expected)]);
  });

  test('a command to run in the intro or the finish is a problem: it belongs to no step', async () => {
    const texts = { 'intro.md': '`ls`{{exec}}', 'intro.zh-CN.md': '`ls`{{exec}}' };
    expect(await problemsOf({ ...GOOD, ...texts })).toEqual([expect.stringContaining('only be copied')]);
  });

  test('an address in the intro is a problem: there are no hosts yet', async () => {
    const texts = { 'intro.md': 'See [[HOST1_IP]]', 'intro.zh-CN.md': '[[HOST1_IP]]' };
    expect(await problemsOf({ ...GOOD, ...texts })).toEqual([expect.stringContaining('cannot name their')]);
  });

  test('a step may rest on others before it, and on no others', async () => {
    const second = '  - { id: second, title: { en: S, zh-CN: 二 }, text: step1, rests-on: [first] }\n';
    await using folder = await scenarioFolder({ lab: yaml('finish: finish', `${second}finish: finish`) });
    const { scenarios } = await loadScenarios(folder.path);
    expect(scenarios.get('lab')?.steps.map(({ restsOn }) => restsOn)).toEqual([[], ['first']]);
    expect(await problemsOf(yaml('text: step1', 'text: step1\n    rests-on: [first]'))).toEqual([
      expect.stringContaining('steps[0]["rests-on"][0]: there is no step “first” before this one'),
    ]);
  });

  describe('a script', () => {
    const withScript = yaml(
      '- swarm-joined',
      '- script: { file: verify.sh, host: host01 }\n      - swarm-joined',
    );

    test('is brought along with its check', async () => {
      await using folder = await scenarioFolder({ lab: { ...withScript, 'verify.sh': 'exit 0\n' } });
      const { scenarios } = await loadScenarios(folder.path);
      const [check] = scenarios.get('lab')?.steps[0]?.checks ?? [];
      expect(check?.files).toEqual(new Map([['verify.sh', 'exit 0\n']]));
    });

    test.each([
      ['missing', undefined, 'the file verify.sh is missing'],
      ['made on Windows', 'ls\necho a\r\nexit 0\r\n', 'verify.sh:2 has the line ends of Windows'],
      ['too long', '#'.repeat(70_000), 'is larger than 64 KiB'],
    ])('that is %s is a problem', async (_name, text, expected) => {
      expect(await problemsOf({ ...withScript, 'verify.sh': text })).toEqual([
        expect.stringContaining(expected),
      ]);
    });

    test('that leads out of the folder is a problem', async () => {
      await using folder = await scenarioFolder({ lab: withScript });
      await symlink('/etc/hostname', join(folder.path, 'lab', 'verify.sh'));
      const { problems } = await loadScenarios(folder.path);
      expect(problems.map(({ message }) => message).join()).toContain('the file verify.sh is missing');
    });
  });

  test('a title of its own takes the place of the validator’s', async () => {
    const files = yaml('- swarm-joined', '- title: { en: Join, zh-CN: 加入 }\n        swarm-joined');
    await using folder = await scenarioFolder({ lab: files });
    const { scenarios } = await loadScenarios(folder.path);
    expect(scenarios.get('lab')?.steps[0]?.checks[0]?.title).toEqual({ en: 'Join', 'zh-CN': '加入' });
  });

  test('a link to a file beside the scenarios is none', async () => {
    await using folder = await scenarioFolder({ lab: GOOD });
    await symlink('lab/intro.md', join(folder.path, 'README.md'));
    const { scenarios, problems } = await loadScenarios(folder.path);
    expect([[...scenarios.keys()], problems]).toEqual([['lab'], []]);
  });

  test('an image without a folder is that of the first lab at hand that has one, and else of Drydock’s own', async () => {
    const borrowing = (images: string) => ({
      ...yaml("['redis:alpine']", images),
      'images/redis/Dockerfile': undefined,
    });
    await using one = await scenarioFolder({
      borrower: borrowing('[other/redis, katacoda/docker-http-server, alpine]'),
      faulty: {
        ...yaml("['redis:alpine']", '[alpine, alpine]'),
        'images/redis/Dockerfile': undefined,
        'images/alpine/Dockerfile': 'FROM scratch\n',
      },
    });
    await using two = await scenarioFolder({ second: GOOD, third: GOOD });
    const { scenarios, problems } = await loadScenarios(one.path, two.path);
    expect([...scenarios.keys()]).toEqual(['borrower', 'second', 'third']);
    expect(problems.filter(({ file }) => !file.includes('/faulty/'))).toEqual([]);
    expect(scenarios.get('borrower')?.images).toEqual([
      { name: 'other/redis', context: `${two.path}/second/images/redis` },
      {
        name: 'katacoda/docker-http-server',
        context: resolve('scenarios/swarm-load-balancing/images/docker-http-server'),
      },
      { name: 'alpine', context: `${one.path}/faulty/images/alpine` },
    ]);
    expect(scenarios.get('third')?.images[0]?.context).toBe(`${two.path}/third/images/redis`);
  });

  test('of two scenarios with one name the first is taken, and the other is a problem', async () => {
    await using one = await scenarioFolder({ lab: GOOD });
    await using two = await scenarioFolder({ lab: GOOD, other: GOOD });
    const { scenarios, problems } = await loadScenarios(one.path, two.path);
    expect([...scenarios.keys()]).toEqual(['lab', 'other']);
    expect(scenarios.get('lab')?.images[0]?.context).toContain(one.path);
    expect(problems).toMatchObject([
      { file: `${two.path}/lab`, message: expect.stringContaining(`already, in ${one.path}/lab`) },
    ]);
  });

  test('a bad scenario, a bad name and an empty folder do not keep a good one from loading', async () => {
    await using folder = await scenarioFolder({
      good: GOOD,
      bad: yaml('minutes: 5', 'minutes: -1'),
      'Bad Name': GOOD,
      empty: { 'notes.txt': '' },
    });
    const { scenarios, problems } = await loadScenarios(folder.path);
    expect([...scenarios.keys()]).toEqual(['good']);
    expect(problems.map(({ file }) => relative(folder.path, file))).toEqual([
      'Bad Name',
      'bad/scenario.yaml',
      'empty/scenario.yaml',
    ]);
  });
});

describe('a picture', () => {
  test('is served under the scenario’s name and its own, with what it was when the text was read', async () => {
    const files = {
      ...GOOD,
      'step1.md': `${GOOD['step1.md']}\n![a dot](./assets/a/dot.svg "A dot")`,
      'assets/a/dot.svg': DOT_SVG,
    };
    await using folder = await scenarioFolder({ lab: files });
    const { scenarios, problems } = await loadScenarios(folder.path);
    expect(problems).toEqual([]);
    const scenario = scenarios.get('lab');
    const asset = scenario?.assets.get('assets/a/dot.svg');
    expect(asset).toMatchObject({ type: 'image/svg+xml', bytes: Buffer.from(DOT_SVG) });
    expect(scenario?.steps[0]?.page.html.en).toContain(
      `<img src="/api/scenarios/lab/assets/a/dot.svg?v=${asset?.version}" alt="a dot" title="A dot">`,
    );
  });
});

describe('the scenarios of this repository', () => {
  test('have no problem', async () => {
    const { scenarios, problems } = await loadScenarios('scenarios');
    expect(problems).toEqual([]);
    expect(scenarios.get('swarm-load-balancing')?.steps).toHaveLength(4);
  });

  test('have a guide whose examples have no problem in the copy that it begins with', async () => {
    const guide = await readFile('scenarios/README.md', 'utf8');
    const [example = '', ...others] = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);
    const mutations = others.find((text) => text.includes('because:')) ?? '';
    await using folder = await temporaryFolder();
    const copy = join(folder.path, 'two-hosts');
    await cp('scenarios/first-steps', copy, { recursive: true });
    await writeFile(join(copy, 'scenario.yaml'), example);
    await writeFile(join(copy, 'mutations.yaml'), mutations);
    const { scenarios, problems } = await loadScenarios(folder.path);
    expect(problems).toEqual([]);
    const original = (await loadScenarios('scenarios')).scenarios.get('first-steps');
    const lab = scenarios.get('two-hosts');
    expect(lab?.steps.map(({ id }) => id)).toEqual(original?.steps.map(({ id }) => id));
    expect(lab?.steps[0]?.mutations).toHaveLength(1);
    for (const language of KNOWN_LANGUAGES) expect(guide).toContain(`\`${language}\``);
  });

  test('have a schema for editors that is made of what they are checked with', async () => {
    const file = await readFile('scenarios/scenario.schema.json', 'utf8');
    const made = `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
    expect(file === made, 'run: npm run --silent drydock -- schema > scenarios/scenario.schema.json').toBe(
      true,
    );
    const text = JSON.stringify(scenarioJsonSchema());
    for (const name of validators.keys()) expect(text).toContain(`"required":["${name}"]`);
  });
});
