import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** The end of what a run of these test files prints, and its exit code. */
async function run(files: Record<string, string>) {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, 'node_modules'));
  await symlink(join(ROOT, 'node_modules/vitest'), join(folder.path, 'node_modules/vitest'));
  const head = "import { afterAll, beforeAll, describe, test } from 'vitest';\n";
  await Promise.all(
    Object.entries(files).map(([name, text]) => folder.write(`${name}.test.ts`, head + text)),
  );
  const { exitCode, stdout } = await execa(
    process.execPath,
    [
      join(folder.path, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--root', folder.path],
      `--reporter=${join(ROOT, 'test/support/closing-line.ts')}`,
    ],
    { reject: false },
  );
  return { exitCode, line: stdout.split('\n').at(-1) };
}

const PASSES = "test('one', () => {}); test('two', () => {});";

// Each runs the whole test program once more.
describe('the closing line of a test run', { timeout: 60_000 }, () => {
  it('counts what passed', async () => {
    expect(await run({ good: PASSES })).toEqual({ exitCode: 0, line: '2 passed, 0 failed' });
  });

  it('counts what failed and what was skipped, over all files', async () => {
    const bad =
      "test('bad', () => { throw new Error('no'); }); test.skip('off', () => {}); test.todo('later');";
    expect(await run({ good: PASSES, bad })).toEqual({ exitCode: 1, line: '2 passed, 1 failed, 2 skipped' });
  });

  it('counts failures that are of no test', async () => {
    const nothing = "import './nothing.ts';";
    const setUp =
      "describe('a', () => { beforeAll(() => { throw new Error('no'); }); test('one', () => {}); });";
    const tearDown =
      "describe('b', () => { afterAll(() => { throw new Error('no'); }); test('one', () => {}); });";
    const loose =
      "test('one', () => { setImmediate(() => { throw new Error('no'); }); });\nafterAll(() => new Promise(setImmediate));";
    expect(await run({ nothing, setUp, tearDown, loose })).toEqual({
      exitCode: 1,
      line: '2 passed, 4 failed, 1 skipped',
    });
  });
});
