import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { z } from 'zod';
import { Moment } from '../protocol/index.ts';

/** A moment of a session's clock, as another process can go on from it; all in milliseconds. */
export const ClockMark = z.strictObject({
  elapsed: Moment,
  /** How long the machine had run, and which of its runs that was; empty where that is not known. */
  uptime: z.number().nonnegative(),
  boot: z.string(),
  /** The time of day, since 1970. */
  wall: z.number(),
});
export type ClockMark = z.infer<typeof ClockMark>;

/** What the clock of a machine says. */
export type MachineTime = Omit<ClockMark, 'elapsed'>;

const boot = ((): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Without it the time of day has to do.
    return '';
  }
})();

export const readMachineTime = (): MachineTime => ({
  uptime: Math.round(uptime() * 1000),
  boot,
  wall: Date.now(),
});

/**
 * How long a session has gone on. Within a process, and from one to the next on a machine that has not been started anew,
 * nothing that sets the time of day changes it.
 */
export class SessionClock {
  readonly #elapsed: number;
  readonly #since = performance.now();
  readonly #read: () => MachineTime;

  /** @param elapsed what it says now */
  constructor(elapsed = 0, read: () => MachineTime = readMachineTime) {
    this.#elapsed = elapsed;
    this.#read = read;
  }

  /**
   * Go on from a mark.
   *
   * @param latest where only the time of day tells how long that is ago, which may have been set meanwhile, no more than this
   */
  static resume(mark: ClockMark, latest: Moment, read: () => MachineTime = readMachineTime): SessionClock {
    const now = read();
    const isSameRun = mark.boot !== '' && mark.boot === now.boot && now.uptime >= mark.uptime;
    if (isSameRun) return new SessionClock(mark.elapsed + now.uptime - mark.uptime, read);
    const told = mark.elapsed + Math.max(0, now.wall - mark.wall);
    return new SessionClock(Math.max(mark.elapsed, Math.min(told, latest)), read);
  }

  get now(): Moment {
    return Math.floor(this.#elapsed + performance.now() - this.#since);
  }

  get mark(): ClockMark {
    return { elapsed: this.now, ...this.#read() };
  }
}
