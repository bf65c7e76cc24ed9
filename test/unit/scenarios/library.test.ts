import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ScenarioLibrary } from '../../../server/scenarios/library.ts';
import type { Problem } from '../../../server/scenarios/problem.ts';
import type { Scenario } from '../../../server/scenarios/scenario.ts';
import { GOOD, scenarioFolder } from './scenario-folder.ts';

const WAIT = { timeout: 10_000, interval: 20 };

/** A library of one lab in a folder that tests change, and what it has told. */
async function watchedLab(files: Readonly<Record<string, string | undefined>> = GOOD) {
  await using owned = new AsyncDisposableStack();
  const folder = owned.use(await scenarioFolder({ lab: files }));
  const library = owned.use(await ScenarioLibrary.open([folder.path]));
  const changes: Scenario[] = [];
  const problems: (readonly Problem[])[] = [];
  const errors: unknown[] = [];
  library.watch({
    onChange: (scenario) => changes.push(scenario),
    onProblems: (now) => problems.push(now),
    onError: (error) => errors.push(error),
  });
  const held = owned.move();
  return {
    path: folder.path,
    write: (name: string, text: string) => folder.write(join('lab', name), text),
    library,
    intro: () => library.scenarios.get('lab')?.intro.html.en,
    changes,
    problems,
    errors,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

describe('a library of scenarios', () => {
  test('has a text that was changed, without being opened again', async () => {
    await using lab = await watchedLab();
    expect(lab.intro()).toContain('Hello');
    await lab.write('intro.md', 'Good morning');
    await expect.poll(lab.intro, WAIT).toContain('Good morning');
    expect(lab.changes.map(({ slug }) => slug)).toEqual(['lab']);
  });

  test('has what an editor puts in a file’s place', async () => {
    await using lab = await watchedLab();
    const written = await lab.write('.intro.md.swp', 'Good morning');
    await rename(written, join(lab.path, 'lab/intro.md'));
    await expect.poll(lab.intro, WAIT).toContain('Good morning');
  });

  test('keeps the last good version of what was broken, says what is wrong once, and goes on when it is mended', async () => {
    await using lab = await watchedLab();
    await lab.write('intro.md', 'Good morning `ls`{{exec HOST7}}');
    await expect.poll(() => lab.problems, WAIT).toHaveLength(1);
    expect(lab.problems[0]).toEqual(lab.library.problems);
    expect(lab.problems[0]?.[0]).toMatchObject({ line: 1, column: 18 });
    expect(lab.intro()).toContain('Hello');
    await lab.write('finish.md', 'Good bye');
    await lab.write('intro.md', 'Good evening');
    await expect.poll(lab.intro, WAIT).toContain('Good evening');
    expect(lab.problems.at(-1)).toEqual([]);
  });

  test('has a scenario that comes, also in a folder that is moved there, and has not one that goes', async () => {
    await using lab = await watchedLab();
    await using other = await scenarioFolder({ second: GOOD });
    await rename(join(other.path, 'second'), join(lab.path, 'second'));
    await expect.poll(() => [...lab.library.scenarios.keys()], WAIT).toEqual(['lab', 'second']);
    await rm(join(lab.path, 'lab'), { recursive: true });
    await expect.poll(() => [...lab.library.scenarios.keys()], WAIT).toEqual(['second']);
  });

  test('follows the folder of an image from lab to lab, and says where there is none any more', async () => {
    const description = GOOD['scenario.yaml']?.replace('redis:alpine', 'ours');
    const borrower = { ...GOOD, 'scenario.yaml': description, 'images/redis/Dockerfile': undefined };
    const lender = { ...borrower, 'images/ours/Dockerfile': 'FROM scratch\n' };
    await using lab = await watchedLab(borrower);
    expect(lab.library.problems).toMatchObject([
      { line: 6, message: expect.stringContaining('there is no folder images/ours') },
    ]);
    await using other = await scenarioFolder({ other: lender });
    await rename(join(other.path, 'other'), join(lab.path, 'other'));
    const context = () => lab.library.scenarios.get('lab')?.images[0]?.context;
    await expect.poll(context, WAIT).toBe(join(lab.path, 'other/images/ours'));
    expect(lab.library.problems).toEqual([]);
    await rm(join(lab.path, 'other'), { recursive: true });
    await expect.poll(() => lab.library.problems, WAIT).toHaveLength(1);
    expect([...lab.library.scenarios.keys()]).toEqual(['lab']);
  });

  test('sees a change in a folder that came after it was opened', async () => {
    await using lab = await watchedLab();
    await mkdir(join(lab.path, 'lab/assets'));
    await lab.write('assets/a.svg', '<svg/>');
    await expect.poll(() => lab.problems.at(-1), WAIT).toHaveLength(1);
    await writeFile(join(lab.path, 'lab/assets/a.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    await lab.write('intro.md', '![dot](assets/a.svg)');
    await expect.poll(() => lab.library.problems, WAIT).toEqual([]);
    await expect.poll(lab.intro, WAIT).toContain('assets/a.svg');
  });

  test('is not held up by a folder that goes away and comes back', async () => {
    await using lab = await watchedLab();
    await rename(lab.path, `${lab.path}-away`);
    try {
      await expect.poll(() => lab.errors.length, WAIT).toBeGreaterThan(0);
      expect(lab.intro()).toContain('Hello');
    } finally {
      await rename(`${lab.path}-away`, lab.path);
    }
    await lab.write('intro.md', 'Back again');
    await expect.poll(lab.intro, WAIT).toContain('Back again');
  });

  test('lets nobody see a change before whoever has to know has been told', async () => {
    await using folder = await scenarioFolder({ lab: GOOD });
    await using library = await ScenarioLibrary.open([folder.path]);
    const told = Promise.withResolvers<ReadonlyMap<string, Scenario>>();
    const seen = Promise.withResolvers<void>();
    library.watch({
      beforeChange: async (next) => {
        told.resolve(next);
        await seen.promise;
      },
    });
    await folder.write('lab/intro.md', 'Good morning');
    expect((await told.promise).get('lab')?.intro.html.en).toContain('Good morning');
    expect(library.scenarios.get('lab')?.intro.html.en).toContain('Hello');
    seen.resolve();
    await expect.poll(() => library.scenarios.get('lab')?.intro.html.en, WAIT).toContain('Good morning');
  });

  test('refuses a folder that is not there when it is opened', async () => {
    await expect(ScenarioLibrary.open(['/nowhere'])).rejects.toThrow('ENOENT');
  });

  test('takes a link to a scenario for one', async () => {
    await using lab = await watchedLab();
    await symlink(join(lab.path, 'lab'), join(lab.path, 'again'));
    await expect.poll(() => [...lab.library.scenarios.keys()], WAIT).toEqual(['again', 'lab']);
  });
});
