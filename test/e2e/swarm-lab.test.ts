import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../server/protocol/index.ts';
import { readConfig } from '../../server/config.ts';
import { openBrowser } from '../support/browser.ts';
import { drydock as drydockCommand } from '../support/drydock-command.ts';
import { startDrydock, type DrydockProcess } from '../support/drydock-process.ts';
import { LabPage } from '../support/lab-page.ts';

const MINUTE = 60_000;
const SLUG = 'swarm-load-balancing';

const owned = new AsyncDisposableStack();
let drydock: DrydockProcess;
let browser: Browser;

// One after the other, each owned as soon as it is there: what fails must not leave the other behind.
beforeAll(async () => {
  // Where the test fails, its lab is left open, which would wait for hours.
  owned.defer(async () => void (await drydockCommand(readConfig(process.env).cache, ['down'])));
  browser = owned.adopt(await openBrowser(), (opened) => opened.close());
  drydock = owned.use(await startDrydock({ signal: AbortSignal.timeout(9 * MINUTE) }));
}, 10 * MINUTE);

afterAll(() => owned.disposeAsync(), 2 * MINUTE);

test(
  'a learner takes the swarm lab from Start to the finish by Run, Check and Next',
  async () => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-US' });
    page.setDefaultTimeout(MINUTE);
    const lab = new LabPage(page);
    const refusals: string[] = [];
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) refusals.push(message.text());
    });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.stack ?? String(error)));

    await lab.take(async () => {
      await page.goto(drydock.url);
      await page.getByRole('link', { name: /Docker Swarm/ }).click();
      await lab.button('Start').click();
      await lab.untilPrompts('host01', 1);

      await lab.untilTitle('Initialise the cluster');
      expect(await lab.button('Next').isDisabled()).toBe(true);
      const [notYet] = await lab.check();
      expect(notYet).toContain('Not yet');
      expect(notYet).toContain('host01 is in no swarm; it should manage one.');
      expect(await lab.button('Next').isDisabled()).toBe(true);
      const refused = await page.evaluate(
        async ([next, step]) => {
          const answers = [await fetch(next ?? '', { method: 'POST' }), await fetch(step ?? '')];
          return answers.map(({ status }) => status);
        },
        [routes.next(SLUG), routes.step(SLUG, 'published-port')],
      );
      expect(refused).toEqual([409, 403]);

      for (const title of [
        'Initialise the cluster',
        'Load-balance a published port',
        'Virtual IP and service discovery',
        'Several hosts',
      ]) {
        await lab.untilTitle(title);
        await lab.runAll();
        const verdicts = await lab.check();
        expect(await lab.button('Next').isEnabled(), `${title}:\n${verdicts.join('\n')}`).toBe(true);
        await lab.button('Next').click();
      }

      await lab.untilTitle('Finish');
      await page.getByText('You have finished this lab.').waitFor();
      await page.getByRole('heading', { name: 'References' }).waitFor();
      await lab.end();
    });
    expect(refusals).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  },
  15 * MINUTE,
);
