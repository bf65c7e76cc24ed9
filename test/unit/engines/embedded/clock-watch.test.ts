import { expect, it } from 'vitest';
import { ClockWatch } from '../../../../server/engines/embedded/clock-watch.ts';

it('two clocks are off when one has gone on without the other, until they are set', () => {
  let [wall, steady] = [5_000_000, 100];
  const pass = (ms: number) => ([wall, steady] = [wall + ms, steady + ms]);
  const clocks = new ClockWatch(
    () => wall,
    () => steady,
  );
  pass(3_600_000);
  wall += 500;
  expect(clocks.isOff).toBe(false);
  wall += 8 * 3_600_000;
  expect(clocks.isOff).toBe(true);
  pass(10_000);
  expect(clocks.isOff).toBe(true);
  clocks.set();
  expect(clocks.isOff).toBe(false);
  wall -= 60_000;
  expect(clocks.isOff).toBe(true);
});
