import { describe, expect, test } from 'vitest';
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

const { serve, start, visit } = usePages();

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
