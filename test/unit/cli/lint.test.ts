import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeLint, lint } from '../../../server/cli/lint.ts';
import { NO_SCENARIO } from '../../../server/cli/scenario-folders.ts';
import { GOOD, scenarioFolder } from '../scenarios/scenario-folder.ts';

const BAD = { ...GOOD, 'scenario.yaml': (GOOD['scenario.yaml'] ?? '').replace('minutes: 5', 'minutes: -5') };

describe('lint', () => {
  test('looks at all scenarios, and says of each whether it can be served', async () => {
    await using folder = await scenarioFolder({ good: GOOD, bad: BAD });
    const report = await lint({ targets: [], directories: [folder.path], from: '/' });
    expect(report.ok).toBe(false);
    expect(report.scenarios).toEqual([
      { slug: 'bad', folder: join(folder.path, 'bad'), ok: false },
      { slug: 'good', folder: join(folder.path, 'good'), ok: true },
    ]);
    expect(report.problems).toEqual([
      { file: join(folder.path, 'bad/scenario.yaml'), line: 3, column: 1, message: expect.any(String) },
    ]);
    expect(describeLint(report, folder.path)).toMatch(
      /^bad\/scenario\.yaml:3:1: minutes: .*\n2 scenarios, 1 problem\.\n$/,
    );
  });

  test.each([
    ['its name', () => 'good'],
    ['the path of its folder', (folder: string) => `${folder}/good`],
    ['the path of its file', (folder: string) => `${folder}/good/scenario.yaml`],
    ['a path from where one is', () => './good/'],
  ])('looks at one scenario by %s', async (_name, target) => {
    await using folder = await scenarioFolder({ good: GOOD, bad: BAD });
    const options = { directories: [folder.path], from: folder.path };
    const report = await lint({ targets: [target(folder.path)], ...options });
    expect(report).toMatchObject({ ok: true, scenarios: [{ slug: 'good' }], problems: [] });
    expect(describeLint(report, '/')).toBe('1 scenario, no problem.\n');
  });

  const OTHER = { ...GOOD, 'images/redis/Dockerfile': 'FROM scratch\nCMD ["other"]\n' };

  test('says at its place that a lab makes another image under a name than one before it', async () => {
    await using folder = await scenarioFolder({ first: GOOD, same: GOOD, second: OTHER });
    const report = await lint({ targets: [], directories: [folder.path], from: '/' });
    expect(report.scenarios.map(({ slug, ok }) => [slug, ok])).toEqual([
      ['first', true],
      ['same', true],
      ['second', false],
    ]);
    const first = join(folder.path, 'first/images/redis');
    const own = join(folder.path, 'second/images/redis');
    expect(report.problems).toEqual([
      {
        file: join(folder.path, 'second/scenario.yaml'),
        line: 6,
        column: 10,
        message: `images[0]: the lab first makes another image of this name, in ${first}, and hosts can have one only: give it another name, or remove ${own} where it is to be the same image`,
      },
    ]);
  });

  test('names the lab whose folder the other image is made from, where one before it has only borrowed it', async () => {
    await using folder = await scenarioFolder({
      borrower: { ...GOOD, 'images/redis/Dockerfile': undefined },
      lender: GOOD,
      second: OTHER,
    });
    const { problems } = await lint({ targets: ['second'], directories: [folder.path], from: '/' });
    const lent = join(folder.path, 'lender/images/redis');
    expect(problems).toMatchObject([
      {
        line: 6,
        message: expect.stringContaining(`the lab lender makes another image of this name, in ${lent},`),
      },
    ]);
  });

  test('holds a lab that is named by its path against those that it would be served with, and tells of it alone', async () => {
    await using elsewhere = await scenarioFolder({ first: GOOD, broken: BAD });
    await using folder = await scenarioFolder({
      again: { ...GOOD, 'images/redis/Dockerfile': undefined },
      first: GOOD,
      lender: BAD,
      second: OTHER,
    });
    const lintOf = (slug: string) =>
      lint({ targets: [slug], directories: [elsewhere.path], from: folder.path });
    expect((await lintOf('./again')).problems).toEqual([]);
    expect((await lintOf('./second')).problems).toMatchObject([
      { line: 6, message: expect.stringContaining(`the lab first makes another`) },
    ]);
    expect((await lintOf('./first')).problems).toMatchObject([
      { message: expect.stringContaining('there is a scenario of this name already') },
    ]);
    await symlink(elsewhere.path, join(folder.path, 'link'));
    expect((await lintOf('./link/first')).problems).toEqual([]);
  });

  test('says which scenarios there are where one is not', async () => {
    await using folder = await scenarioFolder({ good: GOOD });
    await expect(lint({ targets: ['god'], directories: [folder.path], from: '/' })).rejects.toThrow(
      'There is no scenario “god”; known are good.',
    );
  });

  test.each([
    ['all scenarios', []],
    ['one of them', ['good']],
  ])('says what to do to whoever asks for %s where there is none', async (_what, targets) => {
    await using folder = await scenarioFolder({});
    await expect(lint({ targets, directories: [folder.path], from: '/' })).rejects.toThrow(NO_SCENARIO);
  });

  test('names a scenario in a folder of scenarios, which was given in its place', async () => {
    await using folder = await scenarioFolder({ good: GOOD });
    await expect(lint({ targets: [folder.path], directories: [], from: '/' })).rejects.toThrow(
      `${folder.path} is a folder of scenarios: name one of them, such as ${join(folder.path, 'good')}.`,
    );
  });
});
