import { describe, expect, test } from 'vitest';
import { routes } from '../../server/protocol/index.ts';
import { cutLine } from '../support/cut-line.ts';
import { notYet, passed } from '../support/scripted-checks.ts';
import { focusOn, MINUTE, NARROW, runButton, screenOf, terminal, usePages } from './browsing.ts';
import { smallLab } from './small-lab.ts';

const { serve, start, visit } = usePages();

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

  test('leaves a narrow window on the half that its learner has chosen while the hosts come up', async () => {
    await using app = await serve();
    app.provisioner.hold();
    const lab = await visit(app.url, NARROW);
    await lab.button('Start').click();
    const hosts = lab.page.getByRole('button', { name: 'Terminals' });
    await hosts.click();
    await lab.page.getByText('Starting', { exact: true }).nth(1).waitFor();
    app.provisioner.tell('host01', 'ready');
    await lab.page.getByText('Ready', { exact: true }).waitFor();
    const isChosen = await hosts.getAttribute('aria-pressed');
    app.provisioner.release();
    expect(isChosen).toBe('true');
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
