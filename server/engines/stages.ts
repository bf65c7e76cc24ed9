/** A part of preparing something, with a name for people. */
export type Stage = { readonly id: string; readonly name: Readonly<Record<'en' | 'zh-CN', string>> };

/** One stage, as it goes along. */
export type StageEvent =
  | { stage: Stage; state: 'started' }
  /** A line of what is being done, newest last; only worth showing while it is the newest. */
  | { stage: Stage; state: 'progress'; line: string }
  | { stage: Stage; state: 'finished'; seconds: number };

export type OnStage = (event: StageEvent) => void;

/** What a piece of work is given: whom to tell of each line, and when to stop. */
export type Work = { onLine: (line: string) => void; signal: AbortSignal };

/** A row of stages that one listener is told of and one signal stops. */
export class Stages {
  readonly #onStage: OnStage;
  readonly signal: AbortSignal;

  constructor(onStage: OnStage, signal: AbortSignal) {
    this.#onStage = onStage;
    this.signal = signal;
  }

  /** Run a stage, telling of its start, its lines and its end. A failed one is told of by its error alone. */
  async run<T>(stage: Stage, work: (work: Work) => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    const started = performance.now();
    this.#onStage({ stage, state: 'started' });
    const onLine = (line: string) => this.#onStage({ stage, state: 'progress', line });
    const result = await work({ onLine, signal: this.signal });
    this.#onStage({ stage, state: 'finished', seconds: (performance.now() - started) / 1000 });
    return result;
  }
}
