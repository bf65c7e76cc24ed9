import { expect, it } from 'vitest';
import { layoutsIn } from '../../../../web/src/state/terminal-room.ts';

it('has room for two terminals side by side, or one over the other, as far as each can be worked in', () => {
  expect(layoutsIn({ width: 635, height: 600 }, 13)).toEqual(['tabs', 'stacked', 'side-by-side']);
  expect(layoutsIn({ width: 600, height: 600 }, 13)).toEqual(['tabs', 'stacked']);
  expect(layoutsIn({ width: 635, height: 300 }, 13)).toEqual(['tabs', 'side-by-side']);
  expect(layoutsIn({ width: 300, height: 300 }, 13)).toEqual(['tabs']);
});

it('has more room with smaller type, and less with larger', () => {
  expect(layoutsIn({ width: 600, height: 600 }, 12)).toContain('side-by-side');
  expect(layoutsIn({ width: 635, height: 600 }, 18)).toEqual(['tabs', 'stacked']);
});
