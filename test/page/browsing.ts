import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { buildPage } from '../../server/cli/build-page.ts';
import type { Slug } from '../../server/protocol/index.ts';
import { openBrowser } from '../support/browser.ts';
import { LabPage } from '../support/lab-page.ts';
import { startTestApp, type TestAppOptions } from '../support/test-app.ts';
import { smallLab } from './small-lab.ts';

export const MINUTE = 60_000;
export const NARROW = { viewport: { width: 390, height: 844 } };

export type PagesOptions = {
  flags?: readonly string[];
  /** The lab whose page is visited; `smallLab` unless told. */
  slug?: Slug;
};

/** The built page in a browser, for the tests of a file. A page that throws fails the test that it is of. */
export function usePages({ flags = [], slug = smallLab.slug }: PagesOptions = {}) {
  let built: string;
  let browser: Browser;
  const errors: Error[] = [];

  beforeAll(async () => {
    const root = join(import.meta.dirname, '../..');
    [built, browser] = await Promise.all([
      buildPage(root, { onLine: () => undefined, signal: AbortSignal.timeout(60_000) }),
      openBrowser({ flags }),
    ]);
  }, 2 * MINUTE);

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    if (errors.length > 0) throw new AggregateError(errors.splice(0), 'the page threw');
  });

  afterAll(() => browser?.close());

  /** The server with a lab, `smallLab` unless another is asked for. */
  const serve = (scenario = smallLab, options: TestAppOptions = {}) =>
    startTestApp({ page: built, scenario, ...options });

  /** A learner's browser on the lab's page. */
  const visit = async (url: string, options: BrowserContextOptions = {}): Promise<LabPage> => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: 'en-US',
      ...options,
    });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error));
    await page.goto(`${url}/labs/${slug}`);
    return new LabPage(page);
  };

  /** The same with the lab started and its terminals drawn. */
  const start = async (url: string, options?: BrowserContextOptions): Promise<LabPage> => {
    const lab = await visit(url, options);
    await lab.button('Start').click();
    await terminal(lab.page).waitFor({ state: 'attached' });
    return lab;
  };

  return {
    /** The folder of the built page. */
    get built(): string {
      return built;
    },
    ...{ serve, visit, start },
  };
}

/** What takes the keys of a terminal. */
export const terminal = (page: Page, id = 'host01') => page.locator(`#pane-${id} .xterm-helper-textarea`);

export const block = ({ page }: LabPage, index: number) => page.locator('.prose .command').nth(index);
export const runButton = (lab: LabPage, index: number) =>
  block(lab, index).getByRole('button', { name: 'Run' });

/** Whether an element has the focus; to be polled, since what is asked for comes with the next frame. */
export const focusOn = (locator: ReturnType<Page['locator']>) => () =>
  locator.evaluate((element) => element === document.activeElement);

/** What a terminal shows; to be polled. */
export const screenOf = (lab: LabPage, id: string) => async () => (await lab.rows(id)).join('\n');

/** Two frames: by then whatever was going to take the focus has it. */
export const afterFrames = (page: Page) =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
