import axe, { type AxeResults } from 'axe-core';
import type { LabPage } from './lab-page.ts';

/** What axe finds that keeps somebody out, a line each; to be polled, as what moves is not what it will be. */
export const found =
  ({ page }: LabPage) =>
  async () => {
    // Not a script of the page, which would not let it in.
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<AxeResults>(
      'axe.run(document, { resultTypes: ["violations"] })',
    );
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
      );
  };
