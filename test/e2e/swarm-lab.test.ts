import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../server/protocol/index.ts';
import { readConfig } from '../../server/config.ts';
import { freePort } from '../../server/engines/embedded/free-port.ts';
import { openBrowser } from '../support/browser.ts';
import { cutLine } from '../support/cut-line.ts';
import { drydock as drydockCommand } from '../support/drydock-command.ts';
import { startDrydock, type DrydockProcess } from '../support/drydock-process.ts';
import { LabPage } from '../support/lab-page.ts';

const MINUTE = 60_000;
const SLUG = 'swarm-load-balancing';

const owned = new AsyncDisposableStack();
let drydock: DrydockProcess;
let browser: Browser;
let port: number;

const startServer = () => startDrydock({ port, signal: AbortSignal.timeout(9 * MINUTE) });

// One after the other, each owned as soon as it is there: what fails must not leave the other behind.
beforeAll(async () => {
  // Where the test fails, its lab is left open, which would wait for hours.
  owned.defer(async () => void (await drydockCommand(readConfig(process.env).cache, ['down'])));
  browser = owned.adopt(await openBrowser(), (opened) => opened.close());
  port = await freePort();
  drydock = await startServer();
  // Whichever runs by then.
  owned.defer(() => drydock[Symbol.asyncDispose]());
}, 10 * MINUTE);

afterAll(() => owned.disposeAsync(), 2 * MINUTE);

test(
  'a learner takes the swarm lab from Start to the finish, through a wrong turn, another language, a reload, a lost line and a killed server',
  async () => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-US' });
    page.setDefaultTimeout(MINUTE);
    await using line = await cutLine(drydock.url);
    const lab = new LabPage(page);
    const refusals: string[] = [];
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) refusals.push(message.text());
    });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.stack ?? String(error)));

    await lab.take(async () => {
      await page.goto(line.url);
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
        async ([following, step]) => {
          const answers = [await fetch(following ?? '', { method: 'POST' }), await fetch(step ?? '')];
          return answers.map(({ status }) => status);
        },
        [routes.next(SLUG), routes.step(SLUG, 'published-port')],
      );
      expect(refused).toEqual([409, 403]);

      const next = async (verdicts: readonly string[]) => {
        const isOpen = await lab.button('Next').isEnabled();
        expect({ isOpen, verdicts }).toMatchObject({ isOpen: true });
        await lab.button('Next').click();
      };
      await lab.runAll();
      await next(await lab.check());

      // A wrong turn, typed by hand, and the way that the page shows out of it.
      await lab.untilTitle('Load-balance a published port');
      await lab.enter('host01', 'docker service create --name lbapp1 -p 81:80 katacoda/docker-http-server');
      const [tooFew = ''] = await lab.check();
      expect(tooFew).toContain('lbapp1 asks for 1 replica(s); at least 2 were expected.');
      expect(tooFew).toContain('docker service scale lbapp1=2');
      await lab.enter('host01', 'docker service scale lbapp1=2');
      for (const [index, command] of (await lab.commands()).entries()) {
        if (!command.includes('service create')) await lab.run(index);
      }
      await next(await lab.check());

      // Another language and a reload in the middle of a step take nothing away.
      await lab.untilTitle('Virtual IP and service discovery');
      await lab.run(0);
      const shown = await lab.rows('host01');
      await lab.button('中文').click();
      await lab.untilTitle('虚拟 IP 与服务发现');
      expect(await lab.rows('host01')).toEqual(shown);
      await page.reload();
      await lab.untilTitle('虚拟 IP 与服务发现');
      await lab.button('English').click();
      await lab.untilTitle('Virtual IP and service discovery');
      await expect.poll(() => lab.rows('host01'), { timeout: MINUTE }).toEqual(shown);
      for (const [index] of (await lab.commands()).entries()) if (index > 0) await lab.run(index);
      await next(await lab.check());

      // The network goes, and then the server.
      await lab.untilTitle('Several hosts');
      const lost = page.getByText('Connection lost');
      await lab.run(0);
      line.cut();
      await lost.waitFor();
      line.mend();
      await lost.waitFor({ state: 'detached' });
      await lab.run(1);
      await drydock.kill();
      await lost.waitFor();
      drydock = await startServer();
      await lost.waitFor({ state: 'detached' });
      for (const [index] of (await lab.commands()).entries()) if (index > 1) await lab.run(index);
      await next(await lab.check());

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
