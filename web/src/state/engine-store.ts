import { signal, type ReadonlySignal } from '@preact/signals';
import type { EngineStatus } from '../../../server/protocol/index.ts';
import type { Api } from './api.ts';
import type { Problem } from './problem.ts';

/** Milliseconds from an answer to the next question; the server, where it has to end, waits for longer than that. */
const ASK_AGAIN_AFTER = 2000;
/** The same while the engine is ready: it may end by itself. */
const LOOK_AGAIN_AFTER = 15_000;

/** The engine as the page knows it: asked for where there is no socket, told by the lab's where there is one. */
export class EngineStore {
  readonly #api: Pick<Api, 'engine'>;
  readonly #status = signal<EngineStatus | null>(null);
  readonly #problem = signal<Problem | null>(null);

  constructor(api: Pick<Api, 'engine'>) {
    this.#api = api;
  }

  /** Null before the first answer. */
  get status(): ReadonlySignal<EngineStatus | null> {
    return this.#status;
  }

  /** Why the status is no longer sure. */
  get problem(): ReadonlySignal<Problem | null> {
    return this.#problem;
  }

  /** The status as the server has told it. */
  take(status: EngineStatus): void {
    this.#status.value = status;
    this.#problem.value = null;
  }

  /** Ask until the function that is returned stops it. */
  watch(): () => void {
    let stopped = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      const result = await this.#api.engine();
      if (stopped) return;
      if (result.ok) this.take(result.value);
      else this.#problem.value = result.problem;
      const isReady = result.ok && result.value.status === 'ready';
      timer = setTimeout(() => void ask(), isReady ? LOOK_AGAIN_AFTER : ASK_AGAIN_AFTER);
    };
    void ask();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }
}
