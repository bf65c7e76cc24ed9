import { describe, expect, test } from 'vitest';
import { found } from '../support/axe.ts';
import { notYet, passed } from '../support/scripted-checks.ts';
import { ACCESS_CODE } from '../support/test-access.ts';
import { MINUTE, NARROW, terminal, usePages } from './browsing.ts';
import { smallLab } from './small-lab.ts';

const HOUR = 60 * MINUTE;
const LOOKS = [
  ['light', {}],
  ['dark', NARROW],
] as const;

const { serve, visit, start } = usePages();

describe.each(LOOKS)(
  'axe finds nothing serious in the %s theme',
  { timeout: MINUTE },
  (colorScheme, window) => {
    const look = { ...window, colorScheme };

    test('on the catalogue, a lab’s introduction and what is not there', async () => {
      await using app = await serve();
      const lab = await visit(app.url, look);
      await lab.button('Start').waitFor();
      await expect.poll(found(lab)).toEqual([]);
      await lab.page.goto(app.url);
      await lab.page.getByRole('heading', { name: 'A small lab' }).waitFor();
      await expect.poll(found(lab)).toEqual([]);
      await lab.page.goto(`${app.url}/labs/none`);
      await lab.page.getByRole('heading', { level: 1 }).waitFor();
      await expect.poll(found(lab)).toEqual([]);
    });

    test('on a step with its checks and terminals, on dialogs and on the finish', async () => {
      await using app = await serve(smallLab, {
        terms: { limit: { length: 9 * MINUTE, extensions: 2, extension: HOUR } },
      });
      const lab = await start(app.url, look);
      await expect.poll(found(lab)).toEqual([]);
      await lab.button('Check').click();
      await app.checks.untilAsked(1);
      await expect.poll(found(lab)).toEqual([]);
      app.checks.last.answer([notYet('no swarm'), passed]);
      await lab.page.getByText('no swarm').first().waitFor();
      await expect.poll(found(lab)).toEqual([]);
      await lab.button('Reset').click();
      await lab.page.getByRole('dialog').waitFor();
      await expect.poll(found(lab)).toEqual([]);
      await lab.page.keyboard.press('Escape');
      await lab.button('Continue on another device').click();
      await lab.page.getByRole('dialog').waitFor();
      await expect.poll(found(lab)).toEqual([]);
      await lab.page.keyboard.press('Escape');
      for (const count of [2, 1]) {
        const before = app.checks.runs.length;
        await lab.button('Check').click();
        await app.checks.untilAsked(before + 1);
        app.checks.last.answer(Array.from({ length: count }, () => passed));
        await lab.button('Next').click();
      }
      await lab.page.getByRole('region', { name: 'What you have done' }).waitFor();
      await expect.poll(found(lab)).toEqual([]);
    });

    test('on the terminals with search and settings', async () => {
      await using app = await serve();
      const lab = await start(app.url, look);
      if (window === NARROW) await lab.button('Terminals').click();
      await lab.button('Another shell on host01').click();
      await terminal(lab.page, 'host01-2').waitFor({ state: 'attached' });
      await expect.poll(found(lab)).toEqual([]);
      await lab.button('Terminal settings').click();
      await expect.poll(found(lab)).toEqual([]);
      await lab.page.keyboard.press('Escape');
      await terminal(lab.page, 'host01-2').focus();
      await lab.page.keyboard.press('Control+f');
      await lab.page.getByRole('search').waitFor();
      await expect.poll(found(lab)).toEqual([]);
    });

    test('on a lab that waits for its place, and on one that is over', async () => {
      await using app = await serve(smallLab, { capacity: 1, terms: { queue: 2 } });
      const first = await start(app.url, look);
      const second = await visit(app.url, look);
      await second.button('Start').click();
      await second.page.getByRole('heading', { name: 'You are next in the queue' }).waitFor();
      await expect.poll(found(second)).toEqual([]);
      app.provisioner.cluster.lose.resolve('host02');
      await first.page.getByText('host02 has stopped').waitFor();
      await expect.poll(found(first)).toEqual([]);
    });

    test('while the engine is being prepared, and where it cannot be', async () => {
      await using app = await serve(smallLab, { preparing: true });
      const lab = await visit(app.url, look);
      await lab.button('Start').click();
      await lab.page.getByText('host01').first().waitFor();
      await expect.poll(found(lab)).toEqual([]);
      app.engine.fail({ en: 'The disk is full.' });
      await lab.page.getByRole('alert').getByText('The disk is full.').waitFor();
      await expect.poll(found(lab)).toEqual([]);
    });

    test('at the door', async () => {
      await using app = await serve(smallLab, { site: { accessCode: ACCESS_CODE } });
      const lab = await visit(app.url, look);
      await lab.page.getByRole('heading', { name: 'Access code' }).waitFor();
      await expect.poll(found(lab)).toEqual([]);
    });
  },
);
