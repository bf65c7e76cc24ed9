import { describe, expect, test } from 'vitest';
import type { LabPage } from '../support/lab-page.ts';
import { afterFrames, focusOn, MINUTE, NARROW, runButton, screenOf, terminal, usePages } from './browsing.ts';

const { serve, start } = usePages();
type App = Awaited<ReturnType<typeof serve>>;

const pty = (app: App, host = 'host01') => app.provisioner.cluster.host(host).pty;
const tab = ({ page }: LabPage, name: string) => page.getByRole('tab', { name, exact: true });
const clipboard = ({ page }: LabPage) => page.evaluate(() => navigator.clipboard.readText());

/** Print in the shell of host01, and wait until it is drawn. */
async function show(app: App, lab: LabPage, text: string, drawn: string): Promise<void> {
  pty(app).print(text);
  await expect.poll(screenOf(lab, 'host01'), { timeout: 15_000 }).toContain(drawn);
}

/** The middle of a text in a terminal, on the page. */
async function placeOf({ page }: LabPage, text: string): Promise<{ x: number; y: number }> {
  const rows = page.locator('#pane-host01 .xterm-rows');
  return rows.evaluate((element, wanted) => {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      const at = node.textContent?.indexOf(wanted) ?? -1;
      if (at === -1) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      const { x, y, width, height } = range.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    }
    throw new Error(`${wanted} is not shown`);
  }, text);
}

/** Select a word by a double click on it. */
async function select(lab: LabPage, word: string): Promise<void> {
  const { x, y } = await placeOf(lab, word);
  await lab.page.mouse.dblclick(x, y);
  await lab.page.locator('#pane-host01 .xterm-selection > div').first().waitFor({ state: 'attached' });
}

/** What a page on a school's network, over plain HTTP, has not. */
const forbidClipboard = ({ page }: LabPage) =>
  page.evaluate(() =>
    Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined, configurable: true }),
  );

describe('the clipboard', { timeout: MINUTE }, () => {
  test.each(['Control+C', 'Control+Shift+C', 'Control+Insert'])(
    'is given what is selected by %s, also over plain HTTP, and what runs is not stopped',
    async (keys) => {
      await using app = await serve();
      const lab = await start(app.url);
      await show(app, lab, 'first second third', 'third');
      await forbidClipboard(lab);
      await select(lab, 'second');
      await lab.page.keyboard.press(keys);
      const copied = await lab.page.evaluate(() => {
        Reflect.deleteProperty(Navigator.prototype, 'clipboard');
        return 'clipboard' in navigator;
      });
      expect(copied).toBe(false);
      const other = await lab.page.context().newPage();
      await other.goto(app.url);
      expect(await other.evaluate(() => navigator.clipboard.readText())).toBe('second');
      expect(pty(app).typed).toBe('');
    },
  );

  test('is left alone by Ctrl-C with nothing selected, which stops what runs', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await show(app, lab, 'first second third', 'third');
    await select(lab, 'second');
    await lab.page.keyboard.press('Control+C');
    await expect.poll(() => clipboard(lab)).toBe('second');
    await lab.page.keyboard.press('Control+C');
    await expect.poll(() => pty(app).typed).toBe('\u0003');
    await lab.page.keyboard.press('Control+Shift+C');
    await afterFrames(lab.page);
    expect([await clipboard(lab), pty(app).typed]).toEqual(['second', '\u0003']);
  });

  test.each(['Control+Shift+V', 'Shift+Insert'])(
    'is typed by %s in brackets that nothing in it ends',
    async (keys) => {
      await using app = await serve();
      const lab = await start(app.url);
      await show(app, lab, '\u001b[?2004h$ ', '$');
      await lab.page.evaluate(() => navigator.clipboard.writeText('one\ntwo \u001b[201~three'));
      await terminal(lab.page).focus();
      await lab.page.keyboard.press(keys);
      await expect.poll(() => pty(app).typed).toBe('\u001b[200~one\rtwo [201~three\u001b[201~');
    },
  );

  test('is not what Ctrl-V types on a machine whose shells have a use for it', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await lab.page.evaluate(() => navigator.clipboard.writeText('from elsewhere'));
    await terminal(lab.page).focus();
    await lab.page.keyboard.press('Control+V');
    await expect.poll(() => pty(app).typed).toBe('\u0016');
  });

  test('is typed by Ctrl-V on Windows', async () => {
    await using app = await serve();
    const lab = await start(app.url, { userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)' });
    await lab.page.evaluate(() => navigator.clipboard.writeText('from elsewhere'));
    await terminal(lab.page).focus();
    await lab.page.keyboard.press('Control+V');
    await expect.poll(() => pty(app).typed).toBe('from elsewhere');
  });
});

describe('a link in a terminal', { timeout: MINUTE }, () => {
  const click = async (lab: LabPage, text: string) => {
    const { x, y } = await placeOf(lab, text);
    await lab.page.mouse.move(x - 2, y);
    await lab.page.mouse.move(x, y);
    await afterFrames(lab.page);
    await lab.page.mouse.click(x, y);
  };
  const question = ({ page }: LabPage) => page.getByRole('dialog', { name: 'Open this link?' });

  test('is asked about with its true address first, and opened in a tab that knows nothing of this one', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    const named = `\u001b]8;;${app.url}/labs/there\u001b\\https://docs.example\u001b]8;;\u001b\\`;
    await show(app, lab, `see ${named} for more`, 'for more');
    await click(lab, 'docs.example');
    await question(lab).getByText(`${app.url}/labs/there`, { exact: true }).waitFor();
    const [opened] = await Promise.all([
      lab.page.context().waitForEvent('page'),
      question(lab).getByRole('link', { name: 'Open' }).click(),
    ]);
    await opened.waitForURL(`${app.url}/labs/there`);
    expect(await opened.evaluate(() => window.opener === null)).toBe(true);
    await expect.poll(() => question(lab).isVisible()).toBe(false);
  });

  test('that is printed as text is asked about, too, and by Escape the keyboard is in the terminal again', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await show(app, lab, 'see https://docs.example/a?b=c.', 'docs.example');
    await click(lab, 'docs.example');
    await question(lab).getByText('https://docs.example/a?b=c', { exact: true }).waitFor();
    await lab.page.keyboard.press('Escape');
    await expect.poll(() => question(lab).isVisible()).toBe(false);
    await expect.poll(focusOn(terminal(lab.page))).toBe(true);
    expect(lab.page.context().pages()).toHaveLength(1);
  });

  test.each(['javascript:document.title=1', 'data:text/html,x', 'file:///etc/passwd', '//docs.example', 'x'])(
    'to %s is none',
    async (address) => {
      await using app = await serve();
      const lab = await start(app.url);
      await show(app, lab, `\u001b]8;;${address}\u001b\\follow me\u001b]8;;\u001b\\ now`, 'now');
      await click(lab, 'follow');
      await afterFrames(lab.page);
      expect(await question(lab).isVisible()).toBe(false);
      expect(lab.page.context().pages()).toHaveLength(1);
      expect(await lab.page.title()).toContain('Drydock');
    },
  );
});

describe('the search in a terminal', { timeout: MINUTE }, () => {
  test('finds a text up and down, says which of how many, and gives the keyboard back', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await terminal(lab.page).focus();
    await lab.page.keyboard.type('count 100\n');
    await expect.poll(screenOf(lab, 'host01')).toContain('line 99');
    await lab.page.keyboard.press('Control+F');
    const search = lab.page.getByRole('search', { name: 'Search in the terminal' });
    await expect.poll(focusOn(search.getByRole('textbox', { name: 'Find' }))).toBe(true);
    await lab.page.keyboard.type('LINE 4');
    const status = search.getByRole('status');
    await expect.poll(() => status.innerText()).toMatch(/^\d+ of 11$/);
    const shown = async () => Number((await status.innerText()).split(' ')[0]);
    const first = await shown();
    await lab.page.keyboard.press('Enter');
    await expect.poll(shown).toBe((first % 11) + 1);
    await lab.page.keyboard.press('Shift+Enter');
    await expect.poll(shown).toBe(first);
    await search.getByRole('button', { name: 'Previous match' }).click();
    await expect.poll(shown).toBe(first === 1 ? 11 : first - 1);
    await terminal(lab.page).focus();
    await lab.page.keyboard.press('Control+F');
    await lab.page.keyboard.type('nowhere');
    await expect.poll(() => status.innerText()).toBe('Not found');
    await lab.page.keyboard.press('Escape');
    await expect.poll(focusOn(terminal(lab.page))).toBe(true);
    expect(await search.count()).toBe(0);
    await lab.page.keyboard.type('typed');
    await expect.poll(() => pty(app).typed).toContain('typed');
  });

  test('is opened by a button for the terminal in front, and closed by one', async () => {
    await using app = await serve();
    const lab = await start(app.url, NARROW);
    await lab.button('Terminals').click();
    await tab(lab, 'host02').click();
    await lab.button('Search in the terminal').click();
    await lab.page.locator('#pane-host02').getByRole('textbox', { name: 'Find' }).waitFor();
    await lab.button('Close the search').click();
    await expect.poll(focusOn(terminal(lab.page, 'host02'))).toBe(true);
  });

  test('leaves its key to a program that has the whole screen', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await show(app, lab, '\u001b[?1049han editor', 'an editor');
    await terminal(lab.page).focus();
    await lab.page.keyboard.press('Control+F');
    await expect.poll(() => pty(app).typed).toBe('\u0006');
    expect(await lab.page.getByRole('search').count()).toBe(0);
  });
});

describe('a tab', { timeout: MINUTE }, () => {
  test('says that there is new output behind it until it is looked at, and keeps its name', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    const title = async () => (await tab(lab, 'host02').getAttribute('title')) ?? '';
    await terminal(lab.page, 'host02').waitFor({ state: 'attached' });
    await afterFrames(lab.page);
    expect(await title()).toBe('');
    pty(app, 'host02').print('news\r\n');
    await expect.poll(title).toBe('There is new output.');
    await tab(lab, 'host02').click();
    await expect.poll(title).toBe('');
    await lab.page.reload();
    await expect.poll(screenOf(lab, 'host02')).toContain('news');
    expect(await title()).toBe('');
  });

  test('that a narrow window shows alone leaves a mark at its switch when there is new output behind the text', async () => {
    await using app = await serve();
    const lab = await start(app.url, NARROW);
    const view = lab.button('Terminals');
    const title = async () => (await view.getAttribute('title')) ?? '';
    await afterFrames(lab.page);
    expect(await title()).toBe('');
    pty(app).print('news\r\n');
    await expect.poll(title).toBe('There is new output.');
    await view.click();
    await expect.poll(title).toBe('');
    pty(app).print('seen\r\n');
    await expect.poll(screenOf(lab, 'host01')).toContain('seen');
    await lab.button('Instructions').click();
    await afterFrames(lab.page);
    expect(await title()).toBe('');
  });

  test('says that its shell has ended, until Enter has opened another', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    const title = async () => (await tab(lab, 'host01').getAttribute('title')) ?? '';
    pty(app).end(0);
    await expect.poll(title).toBe('Its shell has ended; Enter opens a new one.');
    await terminal(lab.page).press('Enter');
    await expect.poll(title).toBe('');
  });
});

describe('another shell', { timeout: MINUTE }, () => {
  test('is opened on the host in front, takes the keyboard, is there after a reload, and is closed', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await lab.button('Another shell on host01').click();
    await expect.poll(focusOn(terminal(lab.page, 'host01-2'))).toBe(true);
    await lab.page.keyboard.type('hostname\n');
    await expect.poll(screenOf(lab, 'host01-2')).toContain('hostname\nhost01\n$');
    await runButton(lab, 0).click();
    await expect.poll(focusOn(terminal(lab.page, 'host01'))).toBe(true);

    await lab.page.reload();
    await tab(lab, 'host01 (2)').click();
    await expect.poll(screenOf(lab, 'host01-2')).toContain('hostname\nhost01\n$');
    await lab.button('Close host01 (2)').click();
    await expect.poll(focusOn(terminal(lab.page, 'host01'))).toBe(true);
    await expect.poll(() => lab.page.getByRole('tab').allInnerTexts()).toEqual(['host01', 'host02']);
    const [, second] = app.provisioner.cluster.host('host01').ptys;
    expect(second?.disposed).toBe(true);
  });

  test('too many is refused in words', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    for (const id of ['host01-2', 'host01-3', 'host01-4']) {
      await lab.button('Another shell on host01').click();
      await expect.poll(focusOn(terminal(lab.page, id))).toBe(true);
    }
    await lab.button('Another shell on host01').click();
    await lab.page.getByRole('alert').getByText('A host has at most 4 terminals.').waitFor();
  });
});

describe('the settings of the terminals', { timeout: MINUTE }, () => {
  test('have the size of the type, which a reload keeps, and are left by Escape', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    const size = () =>
      lab.page.locator('#pane-host01 .xterm-rows').evaluate((rows) => getComputedStyle(rows).fontSize);
    await expect.poll(size).toBe('13px');
    const columns = () => pty(app).sizes.at(-1)?.columns ?? 0;
    await expect.poll(columns).toBeGreaterThan(0);
    const before = columns();
    await lab.button('Terminal settings').click();
    for (let presses = 0; presses < 3; presses++) await lab.button('Larger type').click();
    await expect.poll(size).toBe('16px');
    await expect.poll(columns).toBeLessThan(before);
    await lab.page.keyboard.press('Escape');
    await expect.poll(focusOn(lab.button('Terminal settings'))).toBe(true);
    expect(await lab.button('Larger type').count()).toBe(0);
    await lab.page.reload();
    await expect.poll(size).toBe('16px');
  });

  test('have terminals side by side, whose sizes the keyboard changes and a reload keeps', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await lab.button('Terminal settings').click();
    await lab.button('Side by side').click();
    const width = (host: string) =>
      lab.page.locator(`#pane-${host}`).evaluate((pane) => pane.getBoundingClientRect().width);
    await expect
      .poll(async () => Math.abs((await width('host01')) - (await width('host02'))))
      .toBeLessThan(2);
    await lab.page.getByRole('separator', { name: 'Size of the first terminal' }).focus();
    for (let presses = 0; presses < 5; presses++) await lab.page.keyboard.press('ArrowRight');
    const wider = async () => Math.round((100 * (await width('host01'))) / (await width('host02')));
    await expect.poll(wider).toBe(150);
    await lab.page.reload();
    await lab.page.getByRole('group', { name: 'host02', exact: true }).waitFor();
    await expect.poll(wider).toBe(150);
  });

  test('offer side by side wherever there is room, else show one at a time, and keep what was chosen', async () => {
    await using app = await serve();
    const lab = await start(app.url, { viewport: { width: 760, height: 800 } });
    await lab.button('Terminals').click();
    await lab.button('Terminal settings').click();
    await lab.button('Side by side').click();
    const second = lab.page.getByRole('group', { name: 'host02', exact: true });
    await second.waitFor();
    await lab.page.setViewportSize({ width: 390, height: 800 });
    await tab(lab, 'host02').waitFor();
    expect(await lab.button('Side by side').count()).toBe(0);
    await lab.page.setViewportSize({ width: 760, height: 800 });
    await second.waitFor();
  });

  test('have the layout, in which every terminal has a name and all that is printed is seen', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await lab.button('Terminal settings').click();
    await lab.button('Side by side').click();
    await lab.page.getByRole('group', { name: 'host02', exact: true }).waitFor();
    pty(app, 'host02').print('seen\r\n');
    await expect.poll(screenOf(lab, 'host02')).toContain('seen');
    await lab.button('Tabs').click();
    await tab(lab, 'host02').waitFor();
    expect(await tab(lab, 'host02').getAttribute('title')).toBeNull();
  });
});

describe('what a program prints', { timeout: 2 * MINUTE }, () => {
  test('rings a bell that is seen, and not again when it is shown anew', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    await lab.page.evaluate(() => {
      const seen = new MutationObserver(() => {
        if (document.querySelector('.is-ringing') !== null) document.body.dataset['rang'] = 'yes';
      });
      seen.observe(document.body, { subtree: true, attributeFilter: ['class'] });
    });
    const rang = () => lab.page.locator('body').getAttribute('data-rang');
    await show(app, lab, 'before ', 'before');
    expect(await rang()).toBeNull();
    await show(app, lab, '\u0007after', 'after');
    await expect.poll(rang).toBe('yes');
    await expect.poll(() => lab.page.locator('.is-ringing').count()).toBe(0);
    await lab.page.reload();
    await expect.poll(screenOf(lab, 'host01')).toContain('before after');
    expect(await lab.page.locator('.is-ringing').count()).toBe(0);
  });

  test('has its questions answered once, and not again when it is shown anew', async () => {
    await using app = await serve();
    const lab = await start(app.url);
    const questions = ['[c', '[5n', '[6n', '[?6n', '[?25$p', '[18t', 'P$qm\u001b\\', ']11;?\u001b\\'];
    await show(app, lab, `asked ${questions.map((each) => `\u001b${each}`).join('')}done`, 'done');
    // Whether it is by the colour, which is the last, that all have been answered.
    await expect.poll(() => pty(app).typed).toContain('\u001b]11;rgb:');
    const { typed } = pty(app);
    await lab.page.reload();
    await expect.poll(screenOf(lab, 'host01')).toContain('done');
    await terminal(lab.page).press('x');
    await expect.poll(() => pty(app).typed).toBe(`${typed}x`);
  });

  const EVIL = 'evil';
  const base64 = Buffer.from(EVIL).toString('base64');
  const sequences: [string, string][] = [
    ['writing to the clipboard', `\u001b]52;c;${base64}\u0007`],
    ['reading the clipboard', '\u001b]52;c;?\u0007'],
    ['a title that is asked back', `\u001b]0;${EVIL}\u0007\u001b[21t\u001b[20t`],
    ['moving and closing the window', '\u001b[3;0;0t\u001b[8;2;2t\u001b[2t\u001b[9;1t'],
    ['a status string with a line of its own', `\u001bP$q${EVIL}\r\u001b\\`],
    ['a file to be kept', `\u001b]1337;File=name=${base64};inline=1:${base64}\u0007`],
    ['a notification', `\u001b]9;${EVIL}\u0007\u001b]777;notify;${EVIL};${EVIL}\u0007`],
    ['answers to the program’s name', '\u001b[>q\u0005'],
    ['markup', '<img src=x onerror="document.title=1"><script>document.title=1</script>'],
    ['a command string that never ends', `\u001b]0;${EVIL.repeat(1_000_000)}`],
    ['a device string that never ends', `\u001bP${EVIL.repeat(1_000_000)}`],
    ['a link that never ends', `\u001b]8;;https://docs.example/${EVIL.repeat(500_000)}`],
    ['a sequence with a million numbers', `\u001b[${'1;'.repeat(1_000_000)}m`],
    ['a line of megabytes', 'x'.repeat(3_000_000)],
    ['bytes of all kinds', Array.from({ length: 200_000 }, (_, i) => String.fromCodePoint(i % 256)).join('')],
  ];
  test.each(sequences)('does nothing to the page by %s', async (_name, sequence) => {
    await using app = await serve();
    const lab = await start(app.url);
    await lab.page.evaluate(() => navigator.clipboard.writeText('the learner’s'));
    const title = await lab.page.title();
    const url = lab.page.url();
    // CAN ends what does not end by itself, as the notice of a shell that has ended does.
    pty(app).print(sequence);
    await show(app, lab, '\u0018\u001b\\\u001bc\r\nstill here', 'still here');
    expect([await lab.page.title(), lab.page.url()]).toEqual([title, url]);
    expect(await clipboard(lab)).toBe('the learner’s');
    expect(lab.page.context().pages()).toHaveLength(1);
    expect(await lab.page.getByRole('dialog').count()).toBe(0);
    // What a terminal answers by itself is never a line, nor anything that the program has chosen.
    expect(pty(app).typed).not.toContain('\r');
    expect(pty(app).typed).not.toContain(EVIL);
    expect(pty(app).typed).not.toContain('learner');
    await terminal(lab.page).press('y');
    await expect.poll(() => pty(app).typed).toMatch(/y$/);
  });
});
