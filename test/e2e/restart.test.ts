import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { freePort } from '../../server/engines/embedded/free-port.ts';
import { routes } from '../../server/protocol/index.ts';
import { openBrowser } from '../support/browser.ts';
import { drydock } from '../support/drydock-command.ts';
import { startDrydock } from '../support/drydock-process.ts';
import { LabClient } from '../support/lab-client.ts';
import { LabPage } from '../support/lab-page.ts';

const MINUTE = 60_000;
const SLUG = 'swarm-load-balancing';
const COUNTER = 'n=0; while :; do n=$((n+1)); echo count-$n; sleep 0.2; done';

test(
  'learners go on where they were after the server was killed in their midst and started again',
  async () => {
    await using owned = new AsyncDisposableStack();
    const browser = owned.adopt(await openBrowser(), (opened) => opened.close());
    const start = async (port: number) => startDrydock({ port, signal: AbortSignal.timeout(9 * MINUTE) });
    const visit = async (url: string) => {
      const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 800 } });
      const page = await context.newPage();
      page.setDefaultTimeout(MINUTE);
      const lab = new LabPage(page);
      await page.goto(`${url}/labs/${SLUG}`);
      await lab.button('Start').click();
      await lab.untilPrompts('host01', 1);
      return lab;
    };
    // Where the test fails, labs are left open, which would wait for hours.
    owned.defer(async () => void (await drydock(readConfig(process.env).cache, ['down'])));
    const port = await freePort();
    const first = await start(port);
    owned.defer(() => first.kill());
    const [ada, bob] = [await visit(first.url), await visit(first.url)];

    await ada.type('host01', `${COUNTER}\n`);
    await ada.untilOutput('host01', (text) => text.includes('count-10\r'));
    await bob.run(0);
    await bob.type('host01', 'vi notes\n');
    // The rows below the end of the file.
    await bob.untilOutput('host01', (text) => text.includes(';1H~'));
    await bob.type('host01', 'ihello');
    // Keys that are still on their way when the server is killed are lost with it.
    await expect.poll(async () => (await bob.rows('host01'))[0], { timeout: MINUTE }).toBe('hello');

    // A third is in the midst of typing, and of a check.
    using eve = new LabClient(first.url, SLUG);
    await eve.start();
    eve.attach('host01');
    const shows = (text: string) => eve.untilScreen('host01', (screen) => screen.text.includes(text));
    // Before its prompt a shell would take the lines for itself.
    await shows('# ');
    eve.type('host01', 'cat > typed\n');
    await shows('cat > typed\r\n\u001b[?2004l');
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index}\n`);
    for (const line of lines) eve.type('host01', line);
    await shows('line 199\r\n');
    const checking = eve.check('initialise').catch(() => undefined);
    eve.type('host01', 'half a li');

    await first.kill();
    await checking;
    await ada.page.getByText('Connection lost').waitFor();
    const second = await start(port);
    owned.defer(() => second.kill());
    expect(second.url).toBe(first.url);

    await eve.connect();
    const { steps } = await eve.until('ready');
    expect([steps[0]?.state, steps[0]?.checking]).toEqual(['open', false]);
    eve.attach('host01');
    // Without what may have come of the line, and then the end.
    const rest = 'after the restart\n';
    eve.type('host01', `\u0015${rest}\u0004md5sum typed\n`);
    await shows(
      createHash('md5')
        .update(lines.join('') + rest)
        .digest('hex'),
    );
    await eve.request('DELETE', routes.session(SLUG));

    const counted = await ada.untilOutput('host01', (text) => text.includes('count-150\r'));
    const numbers = [...counted.matchAll(/count-(\d+)\r/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    await bob.type('host01', '\u001b:wq\n');
    await bob.untilOutput('host01', (text) =>
      /written[^]*host01[^]*# $/.test(stripVTControlCharacters(text)),
    );
    await bob.type('host01', 'cat notes\n');
    await bob.untilOutput('host01', (text) => /cat notes[^]*hello\r\n/.test(text));
    // What was done on the hosts is there too: the swarm that was made before.
    await bob.check();
    expect((await bob.checks.allInnerTexts()).join()).not.toContain('host01 is in no swarm');

    await ada.end();
    await bob.end();
    await second[Symbol.asyncDispose]();
    expect(existsSync(join(readConfig(process.env).cache, 'engine-server'))).toBe(false);
  },
  15 * MINUTE,
);

test(
  'a server that is stopped with a lab open ends, and the next one has the lab',
  async () => {
    await using owned = new AsyncDisposableStack();
    const { cache } = readConfig(process.env);
    owned.defer(async () => void (await drydock(cache, ['down'])));
    const limit = () => AbortSignal.timeout(9 * MINUTE);
    const port = await freePort();
    const first = await startDrydock({ port, signal: limit() });
    owned.defer(() => first.kill());
    using learner = new LabClient(first.url, SLUG);
    await learner.start();
    // A check keeps a connection to each host's engine.
    await learner.check('initialise');
    await first[Symbol.asyncDispose]();

    const second = await startDrydock({ port, signal: limit() });
    owned.defer(() => second.kill());
    await learner.connect();
    await learner.until('ready');
    learner.attach('host01');
    learner.type('host01', 'echo still $((40 + 2))\r');
    await learner.untilScreen('host01', ({ text }) => text.includes('still 42'));
    expect(learner.session?.status).toBe('ready');
  },
  10 * MINUTE,
);
