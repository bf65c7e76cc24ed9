import type { Page } from 'playwright-core';

const PROMPT = /^host0\d:.*[#$]$/;
const COMMAND_LIMIT_MS = 180_000;

/** What a learner does on a lab's page, by the names that the page gives its parts. */
export class LabPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
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

  /** The rows that the front terminal shows, without the empty ones at the end. */
  async rows(host: string): Promise<string[]> {
    const rows = await this.page.locator(`#pane-${host} .xterm-rows > div`).allTextContents();
    const texts = rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd());
    return texts.slice(0, texts.findLastIndex((row) => row !== '') + 1);
  }

  /** Wait until a host's shell waits for a command, and give what its terminal then shows. */
  async untilPrompt(host: string, after: string | null): Promise<string> {
    const deadline = AbortSignal.timeout(COMMAND_LIMIT_MS);
    for (;;) {
      const rows = await this.rows(host);
      const text = rows.join('\n');
      if (text !== after && PROMPT.test(rows.at(-1) ?? '')) return text;
      if (deadline.aborted) throw new Error(`No new prompt on ${host}. It shows:\n${text}`);
      await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
  }

  /** Run every command of the step in turn, waiting for each to end as a careful learner does. */
  async runAll(): Promise<void> {
    const blocks = this.page.locator('[data-block]');
    // The title is there at once; the text comes from the server.
    await blocks.first().waitFor();
    for (let index = 0; index < (await blocks.count()); index++) await this.run(index);
  }

  /** Click Run on the step's command at `index`; gives what the terminal shows when it has ended. */
  async run(index: number): Promise<string> {
    const block = this.page.locator('[data-block]').nth(index);
    const host = (await block.getAttribute('data-host')) ?? '';
    await this.page.getByRole('tab', { name: host }).click();
    const before = await this.untilPrompt(host, null);
    await block.getByRole('button', { name: 'Run', exact: true }).click();
    return this.untilPrompt(host, before);
  }

  /** Press Check and wait for its verdicts. */
  async check(): Promise<string[]> {
    await this.button('Check').click();
    await this.page.locator('button[aria-busy="true"]').waitFor({ state: 'attached' });
    await this.page
      .locator('button[aria-busy="true"]')
      .waitFor({ state: 'detached', timeout: COMMAND_LIMIT_MS });
    return this.checks.allInnerTexts();
  }
}
