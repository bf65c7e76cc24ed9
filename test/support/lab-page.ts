import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { countPrompts, ReceivedOutput } from './received-output.ts';

const PROMPT = /^host0\d:.*[#$]$/;
const COMMAND_LIMIT_MS = 180_000;
/** Each look takes time from the machine that the lab's hosts are emulated on. */
const LOOK_EVERY_MS = 200;

/** What a learner does on a lab's page, by the names that the page gives its parts. */
export class LabPage {
  readonly page: Page;
  readonly #output: ReceivedOutput;

  /** To be made before `page` goes to the lab. */
  constructor(page: Page) {
    this.page = page;
    this.#output = new ReceivedOutput(page);
  }

  button(name: string) {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** The title of what is being read. */
  get heading() {
    return this.page.getByRole('heading', { level: 1 });
  }

  /** The check list's entries, with their state, reason and hint. */
  get checks() {
    return this.page.getByRole('listitem').filter({ has: this.page.locator('.check-state') });
  }

  /** Wait until the page of this title is read. */
  async untilTitle(title: string): Promise<void> {
    const heading = this.page.getByRole('heading', { level: 1, name: title, exact: true });
    await heading.waitFor({ timeout: COMMAND_LIMIT_MS });
  }

  /** The rows that a host's terminal shows, without the empty ones at the end. */
  async rows(host: string): Promise<string[]> {
    const rows = await this.page.locator(`#pane-${host} .xterm-rows > div`).allTextContents();
    const texts = rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd());
    return texts.slice(0, texts.findLastIndex((row) => row !== '') + 1);
  }

  /** What every terminal shows, for whoever reads why a test has failed. */
  async screens(): Promise<string> {
    const panes = await this.page.locator('.terminal-pane').all();
    const ids = await Promise.all(panes.map((pane) => pane.getAttribute('id')));
    const hosts = ids.flatMap((id) => id?.replace('pane-', '') ?? []);
    const shown = hosts.map(async (host) => `── ${host} shows:\n${(await this.rows(host)).join('\n')}`);
    return hosts.length === 0 ? 'There are no terminals.' : (await Promise.all(shown)).join('\n');
  }

  /** Take a part of the lab; an error on the way tells what the terminals show. */
  async take(part: () => Promise<void>): Promise<void> {
    try {
      await part();
    } catch (error) {
      const screens = await this.screens().catch(String);
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${screens}`, {
        cause: error,
      });
    }
  }

  /**
   * Wait until a host's shell has shown so many prompts, all told, and its terminal ends with one; gives how many
   * they are. Fails at once with what the page says where something went wrong.
   */
  async untilPrompts(host: string, count: number): Promise<number> {
    const deadline = AbortSignal.timeout(COMMAND_LIMIT_MS);
    for (;;) {
      const prompts = countPrompts(this.#output.text(host));
      if (prompts >= count && PROMPT.test((await this.rows(host)).at(-1) ?? '')) return prompts;
      const troubles = await this.#troubles();
      if (troubles.length > 0) throw new Error(`The page says: ${troubles.join('\n')}`);
      if (deadline.aborted) throw new Error(`${host} has shown ${prompts} of ${count} prompts.`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Run every command of the step in turn, waiting for each to end as a careful learner does. */
  async runAll(): Promise<void> {
    for (const [index] of (await this.commands()).entries()) await this.run(index);
  }

  /** Click Run on the step's block at `index` and wait until each of its lines, all commands, has ended. */
  async run(index: number): Promise<void> {
    const block = this.page.locator('[data-block]').nth(index);
    const host = (await block.getAttribute('data-host')) ?? '';
    // A command within a sentence has no `pre`, and one line.
    const [command = ''] = await block.locator('pre').allTextContents();
    const lines = command.trimEnd().split('\n').length;
    await this.look('Terminals');
    await this.page.getByRole('tab', { name: host }).click();
    const before = await this.untilPrompts(host, 1);
    await this.look('Instructions');
    await block.getByRole('button', { name: 'Run', exact: true }).click();
    await this.untilPrompts(host, before + lines);
  }

  /** Look at one half of the lab, where the window is too narrow for both. */
  async look(half: 'Instructions' | 'Terminals'): Promise<void> {
    if (await this.button(half).isVisible()) await this.button(half).click();
  }

  /** The step's commands. The title is there at once; the text comes from the server. */
  async commands(): Promise<string[]> {
    const blocks = this.page.locator('[data-block]');
    await blocks.first().waitFor();
    return blocks.allInnerTexts();
  }

  /** Type a command by keyboard, and wait until it has ended. */
  async enter(host: string, command: string): Promise<void> {
    const before = await this.untilPrompts(host, 1);
    await this.type(host, `${command}\n`);
    await this.untilPrompts(host, before + 1);
  }

  /** Press Check and wait for its verdicts; or have those of a step that has passed without being asked. */
  async check(): Promise<string[]> {
    const answered = this.page.waitForResponse(
      (response) => response.request().method() === 'POST' && response.url().endsWith('/check'),
      { timeout: COMMAND_LIMIT_MS },
    );
    answered.catch(() => undefined);
    // A button that has nothing to do any more is pressed in vain.
    await this.button('Check').click({ force: true });
    const passed = this.page.locator('.lesson-actions button:not([disabled])', { hasText: 'Next' });
    const answer = await Promise.race([
      answered,
      passed.waitFor({ timeout: COMMAND_LIMIT_MS }).then(() => null),
    ]);
    if (answer?.ok() === false)
      throw new Error(`The check was answered ${answer.status()}: ${await answer.text()}`);
    // The page is busy from the click until it shows the answer.
    const busy = this.page.locator('button[aria-busy="true"]');
    await busy.first().waitFor({ state: 'detached', timeout: COMMAND_LIMIT_MS });
    return this.checks.allInnerTexts();
  }

  /** Type into a host's terminal by keyboard. */
  async type(host: string, keys: string): Promise<void> {
    await this.page.getByRole('tab', { name: host }).click();
    await this.page.locator(`#pane-${host} .xterm-helper-textarea`).focus();
    await this.page.keyboard.type(keys);
  }

  /** Wait until everything that a host's terminal was ever given fulfils a condition; gives it as text. */
  async untilOutput(host: string, condition: (text: string) => boolean): Promise<string> {
    const deadline = AbortSignal.timeout(COMMAND_LIMIT_MS);
    for (;;) {
      const text = this.#output.text(host);
      if (condition(text)) return text;
      if (deadline.aborted)
        throw new Error(`${host} has not shown what was waited for, but:\n${text.slice(-1000)}`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** End the lab, and wait until the page says so. */
  async end(): Promise<void> {
    await this.button('End lab').click();
    await this.page.getByRole('dialog').getByRole('button', { name: 'End lab' }).click();
    await this.button('Start again').waitFor();
  }

  /** What the page says is wrong: an alert, or why there are no terminals where the lab is over. */
  async #troubles(): Promise<string[]> {
    const alerts = this.page.getByRole('alert');
    const over = this.page.locator('.status-card').filter({ has: this.page.getByRole('button') });
    return alerts.or(over).allInnerTexts();
  }
}
