import type { Logger } from 'pino';
import type { Cluster } from '../clusters/cluster.ts';
import type { EndReason, SessionState } from '../protocol/index.ts';
import { Absence } from './absence.ts';
import { Frost } from './frost.ts';
import { IdleWatch } from './idle-watch.ts';
import type { SessionClock } from './session-clock.ts';
import type { SessionEvent } from './state.ts';
import type { SessionTerms } from './terms.ts';

export type UpkeepOptions = {
  terms: SessionTerms;
  clock: Pick<SessionClock, 'now'>;
  /** As it is now. */
  state: () => SessionState;
  apply: (event: SessionEvent) => void;
  end: (why: EndReason) => void;
  /** Whether hosts are needed now although nobody looks. */
  busy: () => boolean;
  /** Whether nothing on its hosts is the worse for their being frozen. */
  canFreeze: () => Promise<boolean>;
  /** Nobody looks into the hosts until this resolves. */
  pauseLooks: (until: Promise<void>) => void;
  log: Logger;
};

/** setTimeout takes no more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * What becomes of a session as time goes by: its time ends; nobody looks, and its hosts are frozen, and then removed; its
 * turn comes, and nobody is there.
 */
export class Upkeep implements Disposable {
  readonly #options: UpkeepOptions;
  readonly #idle: IdleWatch;
  readonly #absence: Absence;
  #frost: Frost | null = null;
  #thawed = Promise.withResolvers<void>();
  #expiry: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    const { freezeAfter, reapAfter, awayAfter } = options.terms;
    this.#idle = new IdleWatch({
      idleAfter: freezeAfter,
      longIdleAfter: reapAfter,
      onIdle: () => void this.#freeze(),
      onLongIdle: () => options.end('idle'),
    });
    this.#absence = new Absence({ grace: awayAfter, onTooLong: () => options.end('away') });
  }

  /** Its hosts are up; `wasFrozen` where nobody had looked for long before the server was started anew. */
  begin(cluster: Pick<Cluster, 'freeze' | 'thaw'>, wasFrozen = false): void {
    this.#frost = new Frost(cluster);
    this.#idle.start(wasFrozen ? (this.#options.terms.freezeAfter ?? 0) : 0);
    this.reconsider();
  }

  set viewers(viewers: number) {
    this.#idle.viewers = viewers;
    this.#absence.viewers = viewers;
    void this.awake();
  }

  /** Something has happened on its hosts. */
  active(): void {
    this.#idle.active();
  }

  /** Somebody needs its hosts: resolves once they go on, or cannot be made to. */
  async awake(): Promise<void> {
    this.#idle.active();
    await this.#thaw();
  }

  async #thaw(): Promise<void> {
    const { state, log, apply } = this.#options;
    const now = state();
    if (this.#frost === null || !('frozen' in now) || !now.frozen) return;
    try {
      await this.#frost.become(false);
      this.#thawed.resolve();
      apply({ type: 'thawed' });
    } catch (error) {
      log.error({ err: error }, 'hosts could not be thawed');
    }
  }

  /** It stands elsewhere, or its time may be another now. */
  reconsider(): void {
    clearTimeout(this.#expiry);
    const { clock, state, end } = this.#options;
    const { status, time } = state();
    this.#absence.queued = status === 'queued';
    if (this.#disposed || time === null || this.#frost === null) return;
    const left = time.endsAt - clock.now;
    if (left <= 0) return end('expired');
    this.#expiry = setTimeout(() => this.reconsider(), Math.min(left, LONGEST_TIMER_MS)).unref();
  }

  /** Frozen hosts are not removed cleanly: what runs on them answers nobody. Never rejects. */
  async thawForRemoval(): Promise<void> {
    await this.#frost
      ?.become(false)
      .catch((error: unknown) => this.#options.log.warn({ err: error }, 'hosts not thawed'));
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    clearTimeout(this.#expiry);
    this.#idle[Symbol.dispose]();
    this.#absence[Symbol.dispose]();
    this.#thawed.resolve();
  }

  async #freeze(): Promise<void> {
    const { state, apply, busy, canFreeze, pauseLooks, log } = this.#options;
    if (busy()) return this.#idle.active();
    if (!(await canFreeze()) || !this.#idle.isIdle || this.#disposed) return;
    if (busy()) return this.#idle.active();
    const now = state();
    if (this.#frost === null || !('frozen' in now)) return this.#idle.active();
    // What its shells had printed before may have come only now.
    if (now.frozen) return;
    this.#thawed = Promise.withResolvers<void>();
    pauseLooks(this.#thawed.promise);
    // Before they are: who looks from now on has them thawed.
    apply({ type: 'frozen' });
    try {
      await this.#frost.become(true);
    } catch (error) {
      if (this.#disposed) return;
      log.warn({ err: error }, 'hosts not frozen');
      // Nobody has come: they go on waiting to be removed.
      await this.#thaw();
    }
  }
}
