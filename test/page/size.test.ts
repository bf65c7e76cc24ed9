import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { MINUTE, usePages } from './browsing.ts';

/** Bytes of gzipped JavaScript: until a step's text can be read, and of all that the page may ever load. */
const BUDGET = { text: 45_000, all: 210_000 };

const pages = usePages();

test(
  'the page is as small as it has to be: its text comes before the terminals',
  { timeout: MINUTE },
  async () => {
    const folder = join(pages.built, 'assets');
    const scripts = (await readdir(folder)).filter((name) => name.endsWith('.js'));
    const sizes = new Map<string, number>();
    for (const name of scripts) sizes.set(name, gzipSync(await readFile(join(folder, name))).byteLength);
    const all = [...sizes.values()].reduce((sum, size) => sum + size, 0);

    const first = await readFile(join(pages.built, 'index.html'), 'utf8');
    const initial = [...first.matchAll(/assets\/([^/"]+\.js)"/g)].map(([, name = '']) => name);
    await using app = await pages.serve();
    const lab = await pages.visit(app.url);
    // With nothing more, as where the rest is still under way, a step can be read.
    await lab.page.route('**/assets/*.js', (route) =>
      initial.some((name) => route.request().url().endsWith(name)) ? route.continue() : route.abort(),
    );
    await lab.page.reload();
    await lab.button('Start').click();
    await lab.page.locator('.prose').getByText('Ask for the name').waitFor();
    const text = initial.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
    expect(text).toBeGreaterThan(0);
    expect(text).toBeLessThanOrEqual(BUDGET.text);
    expect(all).toBeLessThanOrEqual(BUDGET.all);
  },
);
