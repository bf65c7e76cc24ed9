import { describe, expect, test } from 'vitest';
import { routes } from '../../server/protocol/index.ts';
import { LabError } from '../../server/sessions/errors.ts';
import { cutLine } from '../support/cut-line.ts';
import { notYet, passed } from '../support/scripted-checks.ts';
import { startTestApp } from '../support/test-app.ts';
import {
  afterFrames,
  block,
  focusOn,
  MINUTE,
  NARROW,
  runButton,
  screenOf,
  terminal,
  usePages,
} from './browsing.ts';
import { guidedLab, smallLab } from './small-lab.ts';

const pages = usePages();
const { serve, start, visit } = pages;

/** The texts below an element that are too faint to be read by everybody: less than 4.5 to their ground. */
function faintTexts(root: Element): string[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const luminance = (colors: readonly string[]): number => {
    if (canvas === null) throw new Error('no canvas');
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    const [red = 0, green = 0, blue = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => {
      const part = byte / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const faint: string[] = [];
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    const element = text.parentElement;
    if (
      element === null ||
      text.textContent?.trim() === '' ||
      element.clientHeight + element.offsetHeight === 0
    ) {
      continue;
    }
    const grounds: string[] = [];
    for (let each: Element | null = element; each !== null; each = each.parentElement) {
      grounds.unshift(getComputedStyle(each).backgroundColor);
    }
    const [ground, ink] = [luminance(grounds), luminance([...grounds, getComputedStyle(element).color])];
    const contrast = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(1)} ${text.textContent}`);
  }
  return faint;
}

describe('the keyboard', { timeout: MINUTE }, () => {
  test('is at the title of the first step after Start, and types into a shell that answers', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await expect.poll(focusOn(lab.heading)).toBe(true);
    await lab.page.keyboard.press('Control+F6');
    await expect.poll(focusOn(terminal(lab.page))).toBe(true);
    await lab.page.keyboard.type('hostname');
    await expect.poll(screenOf(lab, 'host01')).toContain('hostname');
    await lab.page.keyboard.press('Enter');
    await expect.poll(screenOf(lab, 'host01')).toContain('hostname\nhost01\n$');
  });

  test('comes to the terminals from anywhere, and goes back to where it was in the text', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await runButton(lab, 2).focus();
    await lab.page.keyboard.press('Control+F6');
    await expect.poll(focusOn(terminal(lab.page))).toBe(true);
    await lab.page.keyboard.press('Control+F6');
    await expect.poll(focusOn(runButton(lab, 2))).toBe(true);
    await runButton(lab, 2).evaluate((button) => button.blur());
    await lab.page.keyboard.press('Control+F6');
    await expect.poll(focusOn(terminal(lab.page))).toBe(true);
  });

  test('gets out of the terminals of a narrow window, where a hint says how', async () => {
    await using app = await serve();
    const lab = await start(app.url, NARROW);
    await runButton(lab, 0).focus();
    await lab.page.keyboard.press('Enter');
    await expect.poll(focusOn(terminal(lab.page))).toBe(true);
    await expect.poll(screenOf(lab, 'host01')).toContain('hostname\nhost01');
    const hint = lab.page.getByText('Ctrl+F6 leaves the terminal', { exact: true });
    expect(await hint.isVisible()).toBe(true);
    await lab.page.keyboard.press('Control+F6');
    await expect.poll(focusOn(runButton(lab, 0))).toBe(true);
    expect(await lab.heading.isVisible()).toBe(true);
  });

  test('is not taken by the terminals of a lab that was started again', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await runButton(lab, 0).click();
    await expect.poll(focusOn(terminal(lab.page))).toBe(true);

    await lab.button('End lab').click();
    await lab.page.getByRole('dialog').getByRole('button', { name: 'End lab' }).click();
    await expect.poll(focusOn(lab.page.getByRole('heading', { name: 'This lab has ended' }))).toBe(true);

    await lab.button('Start again').click();
    await terminal(lab.page).waitFor({ state: 'attached' });
    await expect.poll(focusOn(lab.heading)).toBe(true);
    await afterFrames(lab.page);
    await expect.poll(focusOn(lab.heading)).toBe(true);
    expect(await lab.rows('host01')).toEqual([]);
  });

  test('stays on a button when the text is put in anew', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await runButton(lab, 2).focus();
    // As a click would, but for the focus.
    await lab.page.getByRole('button', { name: '中文' }).dispatchEvent('click');
    await expect.poll(focusOn(block(lab, 2).getByRole('button', { name: '运行' }))).toBe(true);
  });

  test('is at the title of each page that is gone to', async () => {
    await using app = await serve();
    const lab = await visit(app.url);
    await lab.page.getByRole('link', { name: 'Drydock' }).click();
    await expect.poll(focusOn(lab.page.getByRole('heading', { name: 'Labs' }))).toBe(true);
    await lab.page.getByRole('link', { name: 'A small lab' }).click();
    await expect.poll(focusOn(lab.page.getByRole('heading', { name: 'A small lab' }))).toBe(true);
  });
});

describe('a command', { timeout: MINUTE }, () => {
  test('is copied from a line of its own and from within a sentence', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    const copied = async (index: number) => {
      await block(lab, index).getByRole('button', { name: 'Copy' }).click();
      return lab.page.evaluate(() => navigator.clipboard.readText());
    };
    expect([await copied(0), await copied(1), await copied(2), await copied(3)]).toEqual([
      'hostname',
      'count 2',
      'hostname',
      'count 3',
    ]);
  });

  test('that the browser does not let us copy says so beside it', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await lab.page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
      document.execCommand = () => false;
    });
    const note = lab.page.locator('.command-note').getByText('The browser did not allow copying.');
    for (const index of [1, 3]) {
      await block(lab, index).getByRole('button', { name: 'Copy' }).click();
      await expect.poll(() => note.count()).toBe(index === 1 ? 1 : 2);
    }
  });

  test('is typed once by a double click, into the terminal of its host', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await runButton(lab, 2).dblclick();
    await expect.poll(screenOf(lab, 'host02')).toContain('host02');
    await terminal(lab.page, 'host02').press('x');
    await expect.poll(screenOf(lab, 'host02')).toContain('$ x');
    expect(app.provisioner.cluster.host('host02').pty.typed).toBe('hostname\rx');
  });

  test('has words in the place of addresses until there are any, and is not run or copied with them', async () => {
    await using app = await serve();
    app.provisioner.hold();
    const lab = await visit(app.url);
    await lab.button('Start').click();
    const text = lab.page.locator('.lesson-text');
    await text.locator('var').getByText('‹host01’s address›').waitFor();
    await text.getByText('words stand in for them').waitFor();
    const buttons = text.locator('.command-button');
    const disabled = () =>
      buttons.evaluateAll((all) => all.map((each) => each.getAttribute('aria-disabled') === 'true'));
    expect(new Set(await disabled())).toEqual(new Set([true]));
    expect(await block(lab, 1).getByRole('button').getAttribute('title')).toContain('addresses');
    await lab.page.evaluate(() => navigator.clipboard.writeText('from elsewhere'));
    await block(lab, 1).getByRole('button', { name: 'Copy' }).click({ force: true });
    expect(await lab.page.evaluate(() => navigator.clipboard.readText())).toBe('from elsewhere');

    app.provisioner.release();
    await expect.poll(() => text.textContent()).toContain('at 172.30.0.11.');
    expect(await text.locator('var').count()).toBe(0);
    await expect.poll(async () => new Set(await disabled())).toEqual(new Set([false]));
  });
});

describe('a text', { timeout: MINUTE }, () => {
  test('has a callout with a title in the reader’s language, read out as a note', async () => {
    await using app = await serve(guidedLab);
    const { page } = await start(app.url);
    const callout = page.getByRole('note');
    const paragraphs = () => callout.getByRole('paragraph').allInnerTexts();
    expect(await paragraphs()).toEqual(['Warning', 'Take care at 172.30.0.11.']);
    await page.getByRole('button', { name: '中文' }).click();
    await expect.poll(paragraphs).toEqual(['警告', '请小心 172.30.0.11.']);
  });

  test('has a hint that opens by keyboard, with commands in it', async () => {
    await using app = await serve(guidedLab);
    const lab = await start(app.url);
    const command = runButton(lab, 0);
    expect(await command.isVisible()).toBe(false);
    await lab.page.getByText('A tip', { exact: true }).focus();
    await lab.page.keyboard.press('Enter');
    await expect.poll(() => command.isVisible()).toBe(true);
    await command.click();
    await expect.poll(screenOf(lab, 'host01')).toContain('hostname\nhost01');
  });

  test('keeps a hint open that is read, when its language changes and when the addresses come', async () => {
    await using app = await serve(guidedLab);
    app.provisioner.hold();
    const lab = await visit(app.url);
    await lab.button('Start').click();
    await lab.page.getByText('A tip', { exact: true }).click();
    await expect.poll(() => block(lab, 0).isVisible()).toBe(true);
    await lab.page.getByRole('button', { name: '中文' }).click();
    await lab.page.getByText('小技巧').waitFor();
    expect(await block(lab, 0).isVisible()).toBe(true);
    app.provisioner.release();
    await lab.page.getByText('请小心 172.30.0.11').waitFor();
    expect(await block(lab, 0).isVisible()).toBe(true);
    await lab.page.getByText('小技巧').click();
    await expect.poll(() => block(lab, 0).isVisible()).toBe(false);
  });

  test('has a picture, with words for whoever cannot see it', async () => {
    await using app = await serve(guidedLab);
    const { page } = await start(app.url);
    const picture = page.getByRole('img', { name: 'Take care at' });
    await expect
      .poll(() => picture.evaluate((image) => (image instanceof HTMLImageElement ? image.naturalWidth : 0)))
      .toBe(40);
  });

  test.each(['light', 'dark'] as const)(
    'can be read in all its colours in the %s theme',
    async (colorScheme) => {
      await using app = await serve(guidedLab);
      const { page } = await start(app.url, { colorScheme });
      await page.getByText('A tip', { exact: true }).click();
      const faint = await page.locator('.prose').evaluate(faintTexts);
      expect(faint).toEqual([]);
    },
  );
});

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

describe('the terminals', { timeout: MINUTE }, () => {
  test('have their output again after a reload', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await runButton(lab, 0).click();
    await expect.poll(screenOf(lab, 'host01')).toContain('hostname\nhost01\n$');
    await lab.page.reload();
    await expect.poll(screenOf(lab, 'host01')).toContain('hostname\nhost01\n$');
  });

  test('go on where they were when a lost connection is back', async () => {
    await using app = await serve();
    await using line = await cutLine(app.url);
    const lab = await start(line.url);
    await runButton(lab, 0).click();
    await expect.poll(screenOf(lab, 'host01')).toContain('hostname\nhost01\n$');
    line.cut();
    const banner = lab.page.getByText('Connection lost');
    await banner.waitFor();
    app.provisioner.cluster.host('host01').pty.print('printed meanwhile\r\n');
    await lab.page.keyboard.type('lost');
    line.mend();
    await banner.waitFor({ state: 'detached' });
    await lab.page.keyboard.type('count 1\n');
    await expect.poll(screenOf(lab, 'host01')).toContain('$ printed meanwhile\ncount 1\nline 0 行\n$');
  });

  test('are those of the next run where its page hears of the end of one and of the next at once', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await lab.page.addInitScript(() => {
      // As behind a proxy that lets none through: what polling brings, it brings at once.
      class Refused {
        onerror: ((event: object) => void) | null = null;
        constructor() {
          setTimeout(() => this.onerror?.({}));
        }
        close(): void {}
      }
      Object.assign(globalThis, { WebSocket: Refused });
    });
    await lab.page.reload();
    await runButton(lab, 0).click();
    await expect.poll(screenOf(lab, 'host01')).toContain('hostname\nhost01');
    const held = Promise.withResolvers<void>();
    const isHeld = Promise.withResolvers<void>();
    await lab.page.route('**/socket.io/**', async (route) => {
      if (route.request().method() === 'GET') {
        isHeld.resolve();
        await held.promise;
      }
      await route.continue();
    });
    app.provisioner.cluster.host('host01').pty.print('news');
    await isHeld.promise;
    const { request } = lab.page.context();
    const path = app.url + routes.session(smallLab.slug);
    const headers = { origin: app.url };
    await request.delete(path, { headers });
    await request.post(path, { headers });
    await expect.poll(async () => (await (await request.get(path)).json()).status).toBe('ready');
    held.resolve();
    await expect.poll(screenOf(lab, 'host01')).not.toContain('hostname');
    await runButton(lab, 0).click();
    await expect.poll(screenOf(lab, 'host01')).toContain('hostname\nhost01');
    await lab.type('host01', 'count 1\n');
    await expect.poll(screenOf(lab, 'host01')).toContain('line 0');
  });

  test('of one page too many wait for another to be closed, say so, and come by themselves', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await using others = new AsyncDisposableStack();
    const [owner] = await lab.page.context().cookies();
    const clients = Array.from({ length: 16 }, () => app.client());
    for (const client of clients) {
      others.defer(() => client.disconnect());
      client.cookie = `${owner?.name}=${owner?.value}`;
      if (client !== clients[0]) await client.connect();
    }
    await lab.page.goto('about:blank');
    await clients[0]?.connect();
    await lab.page.goto(`${app.url}/labs/${smallLab.slug}`);
    await lab.page.getByRole('status').getByText('too many of them are open').waitFor();
    clients[0]?.disconnect();
    await lab.page.locator('.banner').waitFor({ state: 'detached' });
    await lab.type('host01', 'hostname\n');
    await expect.poll(screenOf(lab, 'host01')).toContain('hostname\nhost01');
  });

  test('that cannot be connected say that the page is to be reloaded', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    // What the page itself is made of; all else is fetched when it is wanted.
    const html = await (await lab.page.request.get(app.url)).text();
    const own = new Set([...html.matchAll(/(?:src|href)="([^"]+\.js)"/g)].map(([, path]) => path));
    await lab.page.route(/\/assets\/.*\.js$/, (route) =>
      own.has(new URL(route.request().url()).pathname) ? route.continue() : route.abort(),
    );
    await lab.page.reload();
    await lab.page.getByText('Your terminals could not be connected. Reload the page').waitFor();
    expect(await lab.page.getByText('Connection lost').count()).toBe(0);
  });

  test('are there for a screen reader that wants them, also after a reload', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    expect(await lab.page.locator('.xterm-accessibility').count()).toBe(0);
    await lab.button('Terminal settings').click();
    await lab.button('Screen reader support').click();
    const readable = lab.page.locator('#pane-host01 .xterm-accessibility');
    await readable.waitFor({ state: 'attached' });
    await lab.page.reload();
    await readable.waitFor({ state: 'attached' });
  });
});

describe('a tab that was left open', { timeout: MINUTE }, () => {
  test('shows the new owner’s lab once its browser has become theirs in another', async () => {
    await using app = await serve();
    const owner = await start(app.url);
    const old = await start(app.url);
    const code = await owner.page.evaluate(async (path) => {
      const response = await fetch(path, { method: 'POST' });
      return String((await response.json()).code);
    }, routes.deviceCode());
    await owner.type('host01', 'hostname\n');
    await expect.poll(screenOf(owner, 'host01')).toContain('hostname\nhost01');
    const join = await old.page.context().newPage();
    await join.goto(`${app.url}/join#${code}`);
    await join.getByRole('button', { name: 'Continue here' }).click();
    await join.getByRole('heading', { name: 'Labs' }).waitFor();
    // Browsers draw nothing in a tab that is behind.
    await old.page.bringToFront();
    await expect.poll(screenOf(old, 'host01')).toContain('hostname\nhost01');
    expect(app.sessions.list().map(({ status }) => status)).toEqual(['ready', 'ready']);
  });

  test('does nothing to a lab that was started anew elsewhere, says so and shows that one', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    const { request } = lab.page.context();
    let run: unknown;
    await lab.page.route(app.url + routes.session(smallLab.slug), async (route) => {
      // Somebody else is quicker.
      if (route.request().method() === 'DELETE') {
        const reset = app.url + routes.reset(smallLab.slug, false);
        run = (await (await request.post(reset, { headers: { origin: app.url } })).json()).run;
      }
      await route.continue();
    });
    await lab.button('End lab').click();
    await lab.page.getByRole('dialog').getByRole('button', { name: 'End lab' }).click();
    await lab.page.getByRole('alert').getByText('Nothing was done').waitFor();
    await expect.poll(() => app.sessions.list()).toMatchObject([{ id: run, status: 'ready' }]);
    await terminal(lab.page).waitFor({ state: 'attached' });
  });
});

describe('the lab', { timeout: MINUTE }, () => {
  test('speaks what its checks have found, once', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await lab.button('Check').click();
    await app.checks.untilAsked(1);
    app.checks.last.answer([passed, notYet('b is 1, not 2')]);
    const spoken = lab.page.getByRole('status').filter({ hasText: 'b is 1, not 2' });
    await spoken.waitFor({ state: 'attached' });
    expect(await spoken.allTextContents()).toEqual(['check 2 of names: Not yet. b is 1, not 2']);
  });

  test('shows on a narrow window that it could not be started, and the way to start it again', async () => {
    await using app = await serve();
    app.provisioner.hold();
    const lab = await visit(app.url, NARROW);
    await lab.button('Start').click();
    await expect.poll(focusOn(lab.heading)).toBe(true);
    app.provisioner.fail(new Error('no engine'));
    await expect.poll(focusOn(lab.page.getByRole('heading', { name: 'This lab cannot go on' }))).toBe(true);
    await lab.button('Start again').click();
    await terminal(lab.page).waitFor({ state: 'attached' });
    await expect.poll(focusOn(lab.heading)).toBe(true);
  });

  test('names every station of its progress, also where only their marks are seen', async () => {
    await using app = await serve();
    const lab = await start(app.url, NARROW);
    const stations = lab.page.getByRole('navigation', { name: 'Progress' }).getByRole('button');
    expect((await stations.allInnerTexts()).map((name) => name.replaceAll(/\s+/g, ' '))).toEqual([
      'Introduction (passed)',
      '1 Names (open)',
      '2 More (locked)',
      'Finish (locked)',
    ]);
  });

  test('speaks Chinese to a browser that asks for it, the server’s words too', async () => {
    await using app = await serve();
    const lab = await visit(app.url, { locale: 'zh-CN' });
    await lab.button('开始').click();
    await terminal(lab.page).waitFor({ state: 'attached' });
    await lab.untilTitle('名字');
    await lab.page.locator('.prose').getByText('地址是 172.30.0.11。').waitFor();
    await lab.button('检查').click();
    await app.checks.untilAsked(1);
    app.checks.last.fail(new Error('broken'));
    await lab.checks.getByText('这与你的操作无关').first().waitFor();
    expect(await lab.page.locator('html').getAttribute('lang')).toBe('zh-CN');
  });
});
