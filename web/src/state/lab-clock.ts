import { signal, type ReadonlySignal } from '@preact/signals';
import type { SessionView } from '../../../server/protocol/index.ts';
import { timeLeft, type TimeLeft } from './lab-view.ts';

/** A lab's time, which goes by without the server telling, and whether its learner has been warned of the end. */
export class LabClock {
  readonly #session: ReadonlySignal<SessionView | null>;
  #toldAt = 0;
  /** The end that the learner has been warned of. */
  readonly #warned = signal<number | null>(null);

  /** @param session null where there is none that could end */
  constructor(session: ReadonlySignal<SessionView | null>) {
    this.#session = session;
  }

  /** The session was told of right now. */
  told(): void {
    this.#toldAt = performance.now();
  }

  /** What is left now, which no signal tells: it goes by. Null where nothing ends the lab. */
  get left(): TimeLeft | null {
    return timeLeft(this.#session.value, performance.now() - this.#toldAt);
  }

  /** Whether the learner has been warned of the end as it is now. */
  get warned(): boolean {
    return this.#warned.value !== null && this.#warned.value === this.#session.value?.time?.endsAt;
  }

  /** The learner has read that the end is near. */
  dismissWarning(): void {
    this.#warned.value = this.#session.value?.time?.endsAt ?? null;
  }
}
