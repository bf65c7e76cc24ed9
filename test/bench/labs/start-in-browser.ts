import type { Browser } from 'playwright-core';
import { routes } from '../../../server/protocol/index.ts';
import type { PeerProcess } from '../peer-process.ts';
import { measured, percentile, type Row } from '../row.ts';
import { untilNoLabs, untilSpares } from './until-settled.ts';

const ROUNDS = 24;

/** From the click on Start to the first prompt that a learner sees, with spares ready. */
export async function startInBrowserRows(
  server: PeerProcess,
  browser: Browser,
  slug: string,
  spares: number,
  say: (text: string) => void,
): Promise<Row[]> {
  say(`Start in a browser, ${ROUNDS} times`);
  const times: number[] = [];
  while (times.length < ROUNDS) {
    await untilSpares(server, spares);
    for (let round = 0; round < spares && times.length < ROUNDS; round++) {
      times.push(await millisecondsToPrompt(browser, server.url, slug));
      // To remove a lab takes the processor for seconds.
      await untilNoLabs(server);
    }
  }
  const name = 'Start to the first prompt in Chromium, warm pool, native';
  return [
    { ...measured(`${name}, median`, 'ms', times, 150) },
    { ...measured(`${name}, 99th percentile`, 'ms', [percentile(times, 99)], 300), rounds: times },
  ];
}

async function millisecondsToPrompt(browser: Browser, url: string, slug: string): Promise<number> {
  // A visitor of their own, whose browser keeps nothing of before.
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${url}/labs/${slug}`);
  await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
  await page.waitForLoadState('networkidle');
  const milliseconds = await page.evaluate(async () => {
    const start = [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Start');
    const began = performance.now();
    start?.click();
    for (;;) {
      await new Promise(requestAnimationFrame);
      const shown = document.querySelector('#pane-host01 .xterm-rows')?.textContent ?? '';
      if (/host01.*[#$]/.test(shown)) return performance.now() - began;
    }
  });
  const cookies = await context.cookies();
  await context.close();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  await fetch(url + routes.session(slug), { method: 'DELETE', headers: { cookie } });
  return milliseconds;
}
