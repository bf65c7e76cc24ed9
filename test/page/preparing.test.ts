import { describe, expect, test } from 'vitest';
import { LabError } from '../../server/sessions/errors.ts';
import { startTestApp } from '../support/test-app.ts';
import { focusOn, MINUTE, NARROW, runButton, screenOf, terminal, usePages } from './browsing.ts';
import { smallLab } from './small-lab.ts';

const pages = usePages();
const { serve, start, visit } = pages;

describe('while the engine is being prepared', { timeout: MINUTE }, () => {
  const stages = [
    { id: 'build', name: { en: 'Build it', 'zh-CN': '构建' }, state: 'done' },
    { id: 'boot', name: { en: 'Boot it', 'zh-CN': '启动' }, state: 'now' },
  ] as const;
  const preparing = async () => {
    const app = await startTestApp({ page: pages.built, scenario: smallLab, preparing: true });
    app.engine.prepare({ stages: [...stages], secondsLeft: 100 });
    return app;
  };

  test('the catalogue says how far it is, until it is ready', async () => {
    await using app = await preparing();
    const { page } = await visit(app.url);
    await page.getByRole('link', { name: 'Drydock' }).click();
    await page.getByText('Stage 2 of 2: Boot it').waitFor();
    await page.getByText('About 2 minutes left').waitFor();
    app.engine.prepare({ stages: [...stages], secondsLeft: 30 });
    await page.getByText('Less than a minute left').waitFor();
    app.openEngine();
    const notice = page.getByText('The engine is being prepared');
    await expect.poll(() => notice.count(), { timeout: 5000 }).toBe(0);
  });

  test('a lab is started, shows the stages and its text, and goes on to its terminals by itself', async () => {
    await using app = await preparing();
    const lab = await visit(app.url);
    await lab.page.getByText('Stage 2 of 2: Boot it').waitFor();
    await lab.button('Start').click();
    await lab.page.getByRole('heading', { name: 'The engine is being prepared' }).waitFor();
    const now = lab.page.locator('.stages [aria-current="step"]');
    expect(await now.innerText()).toContain('Boot it');
    await lab.page.locator('var').getByText('‹host01’s address›').waitFor();
    app.openEngine();
    await terminal(lab.page).waitFor({ state: 'attached' });
    await lab.page.locator('.prose').getByText('at 172.30.0.11.').waitFor();
    await runButton(lab, 0).click();
    await expect.poll(screenOf(lab, 'host01')).toContain('hostname\nhost01');
  });

  test('which cannot run a lab, says so in the catalogue and in the lab, and what it does not prevent', async () => {
    await using app = await startTestApp({ page: pages.built, scenario: smallLab, preparing: true });
    const waiting = await visit(app.url);
    await waiting.button('Start').click();
    const other = await visit(app.url);
    await other.page.getByRole('link', { name: 'Drydock' }).click();
    await other.page.getByText('The engine is being prepared').waitFor();
    app.openEngine({
      lacks: new Map([[smallLab.slug, new LabError('scenario_unavailable', { en: 'No swarm here.' })]]),
      limits: [{ en: 'The disk is not limited.' }],
    });
    await waiting.page.getByText('No swarm here.').waitFor();
    await other.page.getByText('No swarm here.').waitFor();
    await other.page.getByText('does not prevent').click();
    await other.page.getByText('The disk is not limited.').waitFor();
    await other.page.getByRole('link', { name: 'A small lab' }).click();
    await other.page.getByText('No swarm here.').waitFor();
    expect(await other.button('Start').count()).toBe(0);
  });

  test('and that fails, every page says why, also when the server has gone', async () => {
    const app = await preparing();
    const lab = await visit(app.url, NARROW);
    await lab.button('Start').click();
    await lab.page.getByRole('heading', { name: 'Names' }).waitFor();
    const other = await visit(app.url);
    await other.page.getByText('The engine is being prepared').waitFor();
    app.engine.fail({ en: 'There is no room.' });
    await other.page.getByText('There is no room.').waitFor();
    await lab.page.getByText('There is no room.').waitFor();
    await app[Symbol.asyncDispose]();
    await expect
      .poll(focusOn(lab.page.getByRole('heading', { name: 'There is no engine for labs' })))
      .toBe(true);
    expect(await lab.page.getByText('Connection lost').count()).toBe(0);
    expect(await other.page.getByText('There is no room.').isVisible()).toBe(true);
  });

  test('again, because it has ended by itself, the lab is over with the reason and can be started at once', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    app.loseEngine();
    await lab.page.getByRole('heading', { name: 'This lab cannot go on' }).waitFor();
    await lab.page.getByText('The engine that this lab ran on has ended unexpectedly').waitFor();
    const other = await visit(app.url);
    await other.page.getByText('Labs that were running are lost').waitFor();
    await lab.button('Start again').click();
    await lab.page.getByRole('heading', { name: 'is being started again' }).waitFor();
    app.openEngine();
    await terminal(lab.page).waitFor({ state: 'attached' });
    expect(await lab.page.getByText('ended unexpectedly').count()).toBe(0);
  });

  test('speaks Chinese to a browser that asks for it', async () => {
    await using app = await preparing();
    const { page } = await visit(app.url, { locale: 'zh-CN' });
    await page.getByText('第 2/2 阶段：启动').waitFor();
    expect(await page.getByText('大约还需 2 分钟').isVisible()).toBe(true);
  });
});
