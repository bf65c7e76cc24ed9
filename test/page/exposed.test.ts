import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildPage } from '../../server/cli/build-page.ts';
import { findBrowser, openBrowser } from '../support/browser.ts';
import { LabPage } from '../support/lab-page.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ACCESS_CODE } from '../support/test-access.ts';
import { twoMachines, type Machine } from '../support/two-machines.ts';
import { smallLab } from './small-lab.ts';

const MINUTE = 60_000;
const SERVER = join(import.meta.dirname, '../support/serve-exposed.ts');

const owned = new AsyncDisposableStack();
let browser: Browser;
/** Where the server is reached, which is not this machine. */
let url: string;

/** The server on a machine, and the address that it prints. */
async function serveOn({ prefix: [command, ...words], address }: Machine, page: string): Promise<string> {
  const child = spawn(command, [...words, process.execPath, SERVER, address, page], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  owned.defer(async () => {
    if (child.kill()) await once(child, 'exit');
  });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  return String(line).trim();
}

/** A new browser on the other machine, with nothing in it. */
const context = (): Promise<BrowserContext> =>
  browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });

const visit = async (path: string, of?: BrowserContext): Promise<Page> => {
  const page = await (of ?? (await context())).newPage();
  await page.goto(url + path);
  return page;
};

const LAB = `/labs/${smallLab.slug}`;
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const screenOf = (page: Page, host: string) => async () => (await new LabPage(page).rows(host)).join('\n');

/** Start the lab, and type into its first host by hand. */
async function work(page: Page): Promise<void> {
  await button(page, 'Start').click();
  const terminal = page.locator('#pane-host01 .xterm-helper-textarea');
  await terminal.waitFor({ state: 'attached' });
  await terminal.focus();
  await page.keyboard.type('hostname\n');
  await expect.poll(screenOf(page, 'host01')).toContain('hostname\nhost01');
}

// Only root can make such machines.
describe.skipIf(process.getuid?.() !== 0)('from another machine', { timeout: MINUTE }, () => {
  beforeAll(async () => {
    const machines = owned.use(await twoMachines());
    const folder = owned.use(await temporaryFolder());
    const built = await buildPage(join(import.meta.dirname, '../..'), {
      onLine: () => undefined,
      signal: AbortSignal.timeout(MINUTE),
    });
    url = await serveOn(machines.server, built);
    const command = [...machines.visitor.prefix, await findBrowser()].join(' ');
    browser = await openBrowser({
      executable: await folder.write('browser', `#!/bin/sh\nexec ${command} "$@"\n`, 0o755),
    });
    owned.defer(() => browser.close());
  }, 2 * MINUTE);

  afterEach(async () => {
    await Promise.all(browser.contexts().map((each) => each.close()));
  });

  afterAll(() => owned.disposeAsync());

  test('a learner is asked for the code, told of a wrong one, and then works on plain HTTP', async () => {
    expect(new URL(url).hostname).toBe('198.51.100.1');
    const page = await visit(LAB);
    await heading(page, 'Access code').waitFor();
    await page.keyboard.type('k7mq-2xvd-9rtc');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('This is not the code').waitFor();
    // What was wrong is marked, to be typed over.
    await page.keyboard.type(ACCESS_CODE.toUpperCase());
    await page.keyboard.press('Enter');
    await heading(page, 'A small lab').waitFor();
    expect(await page.evaluate(() => isSecureContext)).toBe(false);
    await work(page);
  });

  test('a learner with the code in the link is let in at once, and it stays nowhere', async () => {
    const page = await visit(`${LAB}#${ACCESS_CODE}`);
    await heading(page, 'A small lab').waitFor();
    expect(page.url()).toBe(url + LAB);
    const seen = await page.evaluate(() => `${document.cookie} ${JSON.stringify(localStorage)}`);
    expect(seen).not.toContain(ACCESS_CODE);
    expect(seen).not.toContain('drydock_');
  });

  test('the door speaks the learner’s language, and remembers a choice', async () => {
    const page = await visit(LAB);
    await button(page, '中文').click();
    await heading(page, '访问码').waitFor();
    await page.keyboard.press('Tab');
    await page.getByLabel('访问码').fill(ACCESS_CODE);
    await button(page, '进入').click();
    await heading(page, '小实验').waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN');
  });

  test('a learner goes on on another device, and signs it out', async () => {
    const first = await visit(`${LAB}#${ACCESS_CODE}`);
    await heading(first, 'A small lab').waitFor();
    await work(first);
    await button(first, 'Continue on another device').click();
    const dialog = first.getByRole('dialog', { name: 'Continue on another device' });
    await dialog.getByRole('img', { name: 'QR code with the link and the code' }).waitFor();
    const code = await dialog.locator('.device-code').innerText();

    const device = await context();
    const second = await visit(`/join#${code}`, device);
    // Nobody comes to be somebody else by a link alone.
    await heading(second, 'Continue on this device').waitFor();
    expect(second.url()).toBe(`${url}/join`);
    await button(second, 'Continue here').click();
    await heading(second, 'Labs').waitFor();
    const lab = await visit(LAB, device);
    await expect.poll(screenOf(lab, 'host01')).toContain('hostname\nhost01');

    const third = await visit(`/join#${code}`);
    await button(third, 'Continue here').click();
    await third.getByRole('alert').getByText('was used already').waitFor();

    await dialog.getByRole('button', { name: 'Sign out other devices' }).click();
    await dialog.getByText('All other devices are signed out.').waitFor();
    await first.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await lab.reload();
    await button(lab, 'Start').waitFor();
    const terminal = first.locator('#pane-host01 .xterm-helper-textarea');
    await expect.poll(() => first.locator('.banner').count()).toBe(0);
    await terminal.focus();
    await first.keyboard.type('count 1\n');
    await expect.poll(screenOf(first, 'host01')).toContain('line 0');
  });
});
