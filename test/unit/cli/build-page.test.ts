import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildPage } from '../../../server/cli/build-page.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const VITE = join(import.meta.dirname, '../../../node_modules/vite');

/** A project of one small page, with the real bundler. */
async function project() {
  const folder = await temporaryFolder();
  await mkdir(join(folder.path, 'node_modules'));
  await symlink(VITE, join(folder.path, 'node_modules/vite'));
  const script = await folder.write('web/src/main.ts', "document.title = 'first' satisfies string;\n");
  await folder.write('web/public/icon.svg', '<svg/>');
  await folder.write('web/index.html', '<!doctype html><script type="module" src="/src/main.ts"></script>');
  await folder.write('web/door.html', '<!doctype html>');
  await folder.write('web/vite.config.ts', 'export default {};');
  await folder.write('server/protocol/index.ts', 'export {};');
  await folder.write('package-lock.json', '{}');
  const lines: string[] = [];
  return {
    script,
    lines,
    build: () =>
      buildPage(folder.path, { onLine: (line) => lines.push(line), signal: AbortSignal.timeout(60_000) }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** The script that a built page loads. */
async function scriptOf(page: string): Promise<string> {
  const html = await readFile(join(page, 'index.html'), 'utf8');
  return readFile(join(page, /src="([^"]+)"/.exec(html)?.[1] ?? ''), 'utf8');
}

// The bundler takes seconds on a busy machine.
describe('the page', { timeout: 60_000 }, () => {
  it('is built from its sources, and again only when they have changed', async () => {
    await using here = await project();
    const first = await here.build();
    expect(await scriptOf(first)).toContain('first');
    expect(await readFile(join(first, 'icon.svg'), 'utf8')).toBe('<svg/>');
    expect(here.lines.join('\n')).toContain('index.html');

    here.lines.length = 0;
    expect(await here.build()).toBe(first);
    expect(here.lines).toEqual([]);

    await writeFile(here.script, "document.title = 'second';\n");
    const second = await here.build();
    expect(second).not.toBe(first);
    expect(await scriptOf(second)).toContain('second');
  });

  it('that cannot be built is told of with what the bundler said, and is built when it is mended', async () => {
    await using here = await project();
    await writeFile(here.script, "import './missing.ts';\n");
    await expect(here.build()).rejects.toThrow(/missing\.ts/);
    await writeFile(here.script, "document.title = 'mended';\n");
    expect(await scriptOf(await here.build())).toContain('mended');
  });
});
