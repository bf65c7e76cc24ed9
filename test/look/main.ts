import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { buildPage } from '../../server/cli/build-page.ts';
import type { Locale } from '../../server/protocol/index.ts';
import { openBrowser } from '../support/browser.ts';
import { ownScenarios } from '../support/own-scenarios.ts';
import { STATES, type State } from './states.ts';

const ROOT = join(import.meta.dirname, '../..');
const LOCALES: readonly Locale[] = ['en', 'zh-CN'];
const THEMES = ['light', 'dark'] as const;
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
];

const [folder, ...wanted] = process.argv.slice(2);
if (folder === undefined) throw new Error('Say where the pictures go: npm run look -- FOLDER [STATE …]');

const chosen = Object.entries(STATES).filter(([name]) => wanted.length === 0 || wanted.includes(name));
const page = await buildPage(ROOT, { onLine: () => undefined, signal: AbortSignal.timeout(60_000) });
const scenarios = await ownScenarios();
const browser = await openBrowser();
try {
  for (const [name, state] of chosen) {
    try {
      for (const locale of LOCALES) await take(browser, name, locale, state);
      process.stderr.write(`${name}\n`);
    } catch (error) {
      process.exitCode = 1;
      process.stderr.write(`${name} was not reached: ${String(error)}\n`);
    }
  }
} finally {
  await browser.close();
}

/** Reach a state once, and take it in every theme and size: FOLDER/STATE/LOCALE-THEME-WIDTH.png. */
async function take(opened: Browser, name: string, locale: Locale, state: State): Promise<void> {
  const target = join(folder ?? '', name);
  await mkdir(target, { recursive: true });
  await using reached = await state({ browser: opened, page, scenarios, locale });
  for (const colorScheme of THEMES) {
    for (const size of SIZES) {
      await reached.page.emulateMedia({ colorScheme });
      await reached.page.setViewportSize(size);
      // Type, terminals and what moves follow; a picture of half of that says nothing. A state may be that of waiting.
      await reached.page.waitForLoadState('networkidle', { timeout: 2000 }).catch(() => undefined);
      await reached.page.evaluate(async () => {
        const ending = document
          .getAnimations()
          .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
        await Promise.allSettled(ending.map(({ finished }) => finished));
      });
      await reached.page.screenshot({
        path: join(target, `${locale}-${colorScheme}-${size.width}.png`),
        animations: 'disabled',
      });
    }
  }
}
