import { expect, it } from 'vitest';
import { SessionClock, type ClockMark, type MachineTime } from '../../../server/sessions/session-clock.ts';

const HOUR = 3_600_000;
const MARK: ClockMark = { elapsed: HOUR, uptime: 5 * HOUR, boot: 'one', wall: 100 * HOUR };
const NEVER = Infinity;

/** What it says right after a start that finds the machine like this. */
const resumed = (now: Partial<MachineTime>, latest = NEVER, mark = MARK) => {
  const clock = SessionClock.resume(mark, latest, () => ({ ...mark, ...now }));
  return Math.round(clock.now / 60_000);
};

it('the clock goes on by how long the machine has run since, wherever the time of day was set to', () => {
  const uptime = MARK.uptime + HOUR / 2;
  for (const wall of [MARK.wall + HOUR / 2, MARK.wall + 1000 * HOUR, 0]) {
    expect(resumed({ uptime, wall })).toBe(90);
  }
});

it('the clock goes on by the time of day where the machine was started anew, and never backwards', () => {
  const anew = { boot: 'two', uptime: 60_000 };
  expect(resumed({ ...anew, wall: MARK.wall + HOUR })).toBe(120);
  expect(resumed({ ...anew, wall: MARK.wall - HOUR })).toBe(60);
});

it('a time of day that jumps takes the clock no further than it may go, and not back from where it was', () => {
  const jumped = { boot: 'two', uptime: 60_000, wall: MARK.wall + 1000 * HOUR };
  expect(resumed(jumped, 1.5 * HOUR)).toBe(90);
  expect(resumed(jumped, HOUR / 2)).toBe(60);
});

it('the clock does not trust a run of the machine that it does not know', () => {
  const mark = { ...MARK, boot: '' };
  expect(resumed({ uptime: MARK.uptime + HOUR, wall: MARK.wall + 2 * HOUR }, NEVER, mark)).toBe(180);
});

it('a mark is of the machine as it is, and the clock goes on from it without a leap', () => {
  const clock = new SessionClock(HOUR);
  const { mark } = clock;
  expect(mark.boot).toMatch(/^[0-9a-f-]{36}$/);
  const next = SessionClock.resume(mark, NEVER);
  expect(next.now - clock.now).toBeLessThan(1000);
  expect(next.now).toBeGreaterThanOrEqual(HOUR);
});
