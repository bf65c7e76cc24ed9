import type { BrowserContextOptions } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { routes } from '../../server/protocol/index.ts';
import type { SessionTerms } from '../../server/sessions/terms.ts';
import type { LabPage } from '../support/lab-page.ts';
import { passed } from '../support/scripted-checks.ts';
import type { startTestApp } from '../support/test-app.ts';
import { MINUTE, runButton, screenOf, terminal as terminalOn, usePages } from './browsing.ts';
import { smallLab } from './small-lab.ts';

const HOUR = 60 * MINUTE;

const pages = usePages();

type App = Awaited<ReturnType<typeof startTestApp>>;

const serve = (terms: Partial<SessionTerms> = {}, changes: Partial<typeof smallLab> = {}, capacity = 10) =>
  pages.serve({ ...smallLab, ...changes }, { terms, capacity });
const limited = (length: number) => ({ limit: { length, extensions: 2, extension: HOUR / 2 } });

/** A learner's browser on the lab's page, with Start pressed. */
async function start(url: string, options?: BrowserContextOptions): Promise<LabPage> {
  const lab = await pages.visit(url, options);
  await lab.button('Start').or(lab.button('开始')).click();
  return lab;
}

const terminal = ({ page }: LabPage) => terminalOn(page);

/** Have the lab that the page awaits begin only once the page looks at it: before, it is there to be left alone. */
async function onceLookedAt(app: App, begin: () => Promise<unknown>): Promise<void> {
  app.provisioner.hold();
  await begin();
  await expect.poll(() => app.sessions.list()[0]?.viewers).toBe(1);
  app.provisioner.release();
}

/** Press Check and Next on a step whose checks all pass. */
async function pass(app: App, lab: LabPage): Promise<void> {
  const before = app.checks.runs.length;
  await lab.button('Check').click();
  await app.checks.untilAsked(before + 1);
  app.checks.last.answer(Array.from({ length: app.checks.last.count }, () => passed));
  await lab.button('Next').click();
}

describe('a lab whose time is limited', { timeout: MINUTE }, () => {
  test('shows in its head what is left, in the language of the reader', async () => {
    await using app = await serve(limited(2 * HOUR));
    const { page } = await start(app.url);
    await page.getByRole('timer', { name: 'Time left' }).getByText('2 h 0 min left').waitFor();
    await page.getByRole('button', { name: '中文' }).click();
    const time = page.getByRole('timer', { name: '剩余时间' });
    await expect.poll(() => time.innerText()).toBe('剩余 2 小时 0 分');
  });

  test('warns near its end, once, and is extended there or, when that was read, in the head', async () => {
    await using app = await serve(limited(24_000));
    const lab = await start(app.url);
    const time = lab.page.getByRole('timer');
    await time.getByText(/^\d+ s left$/).waitFor();
    const banner = lab.page.getByText('The time for this lab is nearly over');
    expect(await banner.count()).toBe(0);
    await banner.waitFor({ timeout: 30_000 });
    expect(await banner.innerText()).toContain('You can add 30 minutes, 2 times.');
    await lab.button('Dismiss').click();
    await banner.waitFor({ state: 'detached' });
    await lab.button('Extend').click();
    await time.getByText('31 min left').waitFor();
    expect(await lab.button('Extend').count()).toBe(0);
  });

  test('says at its end that the time is up, with the text still there, and can be started again', async () => {
    await using app = await serve(limited(6000));
    const lab = await start(app.url);
    await terminal(lab).waitFor({ state: 'attached' });
    await terminal(lab).focus();
    const title = lab.page.getByRole('heading', { name: 'Your time is up' });
    await title.waitFor();
    await expect.poll(() => title.evaluate((each) => each === document.activeElement)).toBe(true);
    await lab.page.locator('.prose').getByText('Ask for the name').waitFor();
    expect(await lab.page.getByRole('timer').count()).toBe(0);
    await lab.page.reload();
    await title.waitFor();
    await lab.page.locator('.prose').getByText('Ask for the name').waitFor();
    expect(await lab.button('Reset').count()).toBe(0);
    await lab.button('Start again').click();
    await terminal(lab).waitFor({ state: 'attached' });
  });
});

describe('Reset', { timeout: MINUTE }, () => {
  test('asks first, and gives fresh hosts with the steps that are done', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await terminal(lab).waitFor({ state: 'attached' });
    await lab.page.locator('.prose .command').first().getByRole('button', { name: 'Run' }).click();
    await expect.poll(async () => (await lab.rows('host01')).join('\n')).toContain('hostname\nhost01');
    await pass(app, lab);
    await lab.untilTitle('More');
    const { cluster } = app.provisioner;

    await lab.button('Reset').click();
    const dialog = lab.page.getByRole('dialog', { name: 'Reset this lab?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(cluster.disposals).toBe(0);

    await lab.button('Reset').click();
    expect(await dialog.getByLabel('Keep the steps that are done').isChecked()).toBe(true);
    await dialog.getByRole('button', { name: 'Reset' }).click();
    await expect.poll(() => app.provisioner.clusters.length).toBe(2);
    await terminal(lab).waitFor({ state: 'attached' });
    await lab.untilTitle('More');
    await expect.poll(() => lab.rows('host01')).toEqual([]);
    expect(await lab.page.locator('.station.is-passed').count()).toBe(2);
  });

  test('begins at the first step where that is chosen, by keyboard', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await terminal(lab).waitFor({ state: 'attached' });
    await pass(app, lab);
    await lab.untilTitle('More');
    await lab.button('Reset').focus();
    await lab.page.keyboard.press('Enter');
    const dialog = lab.page.getByRole('dialog');
    await dialog.getByLabel('Keep the steps that are done').focus();
    await lab.page.keyboard.press('ArrowDown');
    await dialog.getByRole('button', { name: 'Reset' }).focus();
    await lab.page.keyboard.press('Enter');
    await lab.untilTitle('Names');
    await terminal(lab).waitFor({ state: 'attached' });
    expect(await lab.page.locator('.station.is-passed').count()).toBe(1);
  });

  test('by another page brings fresh hosts nothing that was meant for those before, and the page says so', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await terminal(lab).waitFor({ state: 'attached' });
    let sockets = 0;
    let isBehind = false;
    await lab.page.routeWebSocket(/socket\.io/, (page) => {
      const isFirst = sockets++ === 0;
      const server = page.connectToServer();
      page.onMessage((message) => server.send(message));
      server.onMessage((message) => {
        const tells = message.toString().startsWith('42["session"');
        if (!tells || !isFirst || !isBehind) page.send(message);
      });
    });
    await lab.page.reload();
    await terminal(lab).waitFor({ state: 'attached' });
    isBehind = true;
    const { request } = lab.page.context();
    const reset = app.url + routes.reset(smallLab.slug, false);
    const { run } = await (await request.post(reset, { headers: { origin: app.url } })).json();
    const session = async () => (await request.get(app.url + routes.session(smallLab.slug))).json();
    await expect.poll(session).toMatchObject({ run, status: 'ready' });
    const { pty } = app.provisioner.cluster.host('host01');
    await lab.type('host01', 'hostname\n');
    await runButton(lab, 0).click();
    await lab.page.getByRole('alert').getByText('Nothing was done').waitFor();
    expect([pty.typed, sockets]).toEqual(['', 2]);
    await runButton(lab, 0).click();
    await expect.poll(screenOf(lab, 'host01')).toContain('hostname\nhost01');
  });

  test('is the way on where a host was lost', async () => {
    await using app = await serve();
    const lab = await start(app.url, { viewport: { width: 390, height: 844 } });
    await terminal(lab).waitFor({ state: 'attached' });
    await pass(app, lab);
    app.provisioner.cluster.lose.resolve('host02');
    await lab.page.getByText('host02 has stopped').waitFor();
    expect(await lab.button('Start again').isVisible()).toBe(true);
    await lab.button('Reset').click();
    await lab.page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
    await terminal(lab).waitFor({ state: 'attached' });
    await lab.untilTitle('More');
  });
});

describe('a lab that has to wait for a place', { timeout: MINUTE }, () => {
  test('shows its place, can be read meanwhile, and begins by itself', async () => {
    await using app = await serve({ queue: 5 }, {}, 1);
    const one = await start(app.url);
    await terminal(one).waitFor({ state: 'attached' });
    const two = await start(app.url);
    await two.page.getByRole('heading', { name: 'You are next in the queue' }).waitFor();
    const three = await start(app.url, { locale: 'zh-CN' });
    await three.page.getByRole('heading', { name: '你排在第 2 位' }).waitFor();
    await two.page.locator('.prose').getByText('Ask for the name').waitFor();

    await two.button('Leave the queue').click();
    await two.page.getByRole('heading', { name: 'You have left the queue' }).waitFor();
    await three.page.getByRole('heading', { name: '下一个就轮到你' }).waitFor();
    await one.end();
    await terminal(three).waitFor({ state: 'attached' });
    await two.button('Start again').click();
    await two.page.getByRole('heading', { name: 'You are next in the queue' }).waitFor();
    expect(app.provisioner.requests).toBe(2);
  });
});

describe('a lab that was left alone', { timeout: MINUTE }, () => {
  test('is frozen, and has its terminals again when its learner is back', async () => {
    await using app = await serve({ freezeAfter: 100 });
    const lab = await start(app.url);
    await terminal(lab).waitFor({ state: 'attached' });
    await lab.page.goto('about:blank');
    await expect.poll(() => app.provisioner.cluster.frozen).toBe(true);
    await lab.page.goto(`${app.url}/labs/${smallLab.slug}`);
    await terminal(lab).waitFor({ state: 'attached' });
    await expect.poll(() => app.provisioner.cluster.frozen).toBe(false);
    await lab.page.locator('.prose .command').first().getByRole('button', { name: 'Run' }).click();
    await expect.poll(async () => (await lab.rows('host01')).join('\n')).toContain('hostname\nhost01');
  });

  test('and was closed says why, and goes on with its progress', async () => {
    await using app = await serve({ freezeAfter: 50, reapAfter: 50 });
    const lab = await pages.visit(app.url);
    await onceLookedAt(app, () => lab.button('Start').click());
    await terminal(lab).waitFor({ state: 'attached' });
    await pass(app, lab);
    await lab.untilTitle('More');
    await lab.page.goto('about:blank');
    await expect.poll(() => app.provisioner.cluster.disposals).toBe(1);
    await lab.page.goto(`${app.url}/labs/${smallLab.slug}`);
    await lab.page.getByRole('heading', { name: 'This lab was closed while you were away' }).waitFor();
    await lab.page.getByRole('link', { name: 'Drydock' }).click();
    await lab.page.getByText('Stopped at step 2 of 2').waitFor();
    await lab.button('中文').click();
    await lab.page.getByText('停在第 2 步，共 2 步').waitFor();
    await lab.button('English').click();
    await lab.page.getByRole('link', { name: 'A small lab' }).click();
    await lab.button('Reset').click();
    const reset = lab.page.getByRole('dialog').getByRole('button', { name: 'Reset' });
    await onceLookedAt(app, () => reset.click());
    await terminal(lab).waitFor({ state: 'attached' });
    await lab.untilTitle('More');
  });
});

describe('the finish', { timeout: MINUTE }, () => {
  test('tells each step that was done, and how long it took', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await terminal(lab).waitFor({ state: 'attached' });
    await pass(app, lab);
    await lab.untilTitle('More');
    await pass(app, lab);
    const times = lab.page.getByRole('region', { name: 'What you have done' });
    const rows = times.getByRole('listitem');
    await expect
      .poll(() => rows.allInnerTexts())
      .toEqual([expect.stringMatching(/^Names\s+\d+ s$/), expect.stringMatching(/^More\s+\d+ s$/)]);
    expect(await times.getByText('All in all').isVisible()).toBe(true);
  });
});

describe('a lab with free gating', { timeout: MINUTE }, () => {
  test('lets every step be read and checked, and says at its last what is still to be done', async () => {
    await using app = await serve({}, { gating: 'free' });
    const lab = await start(app.url);
    await terminal(lab).waitFor({ state: 'attached' });
    await lab.untilTitle('Names');
    await lab.button('Next').click();
    await lab.untilTitle('More');
    await lab.button('Check').click();
    await app.checks.untilAsked(1);
    app.checks.last.answer([passed]);
    await lab.page.getByText('once the steps before this one are done, too').waitFor();
    expect(await lab.button('Next').isDisabled()).toBe(true);
    await lab.page.getByRole('button', { name: /Names/ }).click();
    await pass(app, lab);
    await lab.untilTitle('More');
    await lab.button('Next').click();
    await lab.untilTitle('Finish');
  });
});
