import { describe, expect, it } from 'vitest';
import { printStages } from '../../../server/cli/stage-printer.ts';

const MAKE = { id: 'make', name: { en: 'Make it', 'zh-CN': '制作' } };
const BOOT = { id: 'boot', name: { en: 'Boot it', 'zh-CN': '启动' } };

/** What is printed on an output of this kind; `rows` is what a terminal then shows, line by line. */
function printing(kind: { isTTY?: boolean; columns?: number } = {}) {
  const written: string[] = [];
  const tell = printStages({ ...kind, write: (text) => written.push(text) }, 3);
  const rows = () =>
    written
      .join('')
      .split('\n')
      .map((row) => row.split('\r\u001B[2K').at(-1));
  return { tell, written, rows };
}

describe('the stages of set-up', () => {
  it('are a line each at their start and at their end where nobody watches', () => {
    const { tell, written } = printing();
    tell({ stage: MAKE, state: 'started' });
    tell({ stage: MAKE, state: 'progress', line: 'a detail' });
    tell({ stage: MAKE, state: 'finished', seconds: 61.4 });
    tell({ stage: BOOT, state: 'started' });
    tell({ stage: BOOT, state: 'finished', seconds: 0.2 });
    expect(written.join('')).toBe(
      '[1/3] Make it …\n[1/3] Make it: 61 s\n[2/3] Boot it …\n[2/3] Boot it: ready\n',
    );
  });

  it('are a line each on a terminal, below them what is being done now', () => {
    const { tell, rows } = printing({ isTTY: true, columns: 60 });
    tell({ stage: MAKE, state: 'started' });
    expect(rows()).toEqual(['[1/3] Make it …']);
    tell({ stage: MAKE, state: 'progress', line: 'unpacking one' });
    tell({ stage: MAKE, state: 'progress', line: 'unpacking two' });
    expect(rows()).toEqual([expect.stringMatching(/^\[1\/3\] Make it … \d+ s {2}unpacking two$/)]);
    tell({ stage: MAKE, state: 'finished', seconds: 5 });
    expect(rows()).toEqual(['[1/3] Make it: 5 s', '']);
    tell({ stage: BOOT, state: 'started' });
    expect(rows()).toEqual(['[1/3] Make it: 5 s', '[2/3] Boot it …']);
  });

  it.each([
    ['long', 'x'.repeat(500)],
    ['of several lines and with tabs', 'one\ntwo\r\n\tthree'],
    ['coloured', `\u001B[91m${'warning '.repeat(3)}\u001B[0m`],
  ])('keep to one plain line of the terminal when what is being done is %s', (_, line) => {
    const { tell, written, rows } = printing({ isTTY: true, columns: 40 });
    tell({ stage: MAKE, state: 'started' });
    tell({ stage: MAKE, state: 'progress', line });
    expect(rows()).toHaveLength(1);
    expect(rows()[0]?.length).toBeLessThan(40);
    expect(rows()[0]).toMatch(/^\[1\/3\] Make it … \d+ s {2}[\w ]+$/);
    expect(written.join('')).not.toContain('\u001B[9');
  });
});
