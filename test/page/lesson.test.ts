import { describe, expect, test } from 'vitest';
import { block, MINUTE, runButton, screenOf, terminal, usePages } from './browsing.ts';
import { guidedLab } from './small-lab.ts';

const { serve, start, visit } = usePages();

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
