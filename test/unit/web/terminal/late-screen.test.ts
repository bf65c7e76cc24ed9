import { expect, it } from 'vitest';
import { LateScreen } from '../../../../web/src/terminal/late-screen.ts';

it('what is written to a screen that is not there yet is drawn once it is, in its order and as it was', () => {
  const seen: unknown[] = [];
  const drawn = (): void => void seen.push('drawn');
  const late = new LateScreen();
  late.write('a', { old: true });
  late.write('b', { drawn });
  expect(seen).toEqual([]);
  late.become({
    write: (data, options) => {
      seen.push([data, options?.old ?? false]);
      options?.drawn?.();
    },
  });
  late.write('c');
  expect(seen).toEqual([['a', true], ['b', false], 'drawn', ['c', false]]);
});
