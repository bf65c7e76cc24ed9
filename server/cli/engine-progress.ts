import type { OnStage, Stage } from '../engines/stages.ts';
import type { EngineStage } from '../protocol/index.ts';

/** How many seconds each stage is known to take, by its id, or `<id> kept` for the last where the rest is kept. */
export type StageSeconds = Readonly<Record<string, number>>;

/** How far preparing the engine is. */
export type Progress = { stages: EngineStage[]; secondsLeft: number | null };

/** From when on a stage is at work: to find what is kept from an earlier start is quicker. */
const AT_WORK_SECONDS = 1;
const TICK_MS = 2000;

/**
 * Follows the stages of preparing the engine, and estimates how long they will take. Which of them have work to do
 * shows only as they run: either all that the earlier starts have made is found again, and the last one, the boot,
 * is what there is to wait for; or, once one of the others is at work, so will be those after it.
 */
export class EngineProgress implements Disposable {
  readonly #stages: readonly Stage[];
  readonly #known: StageSeconds;
  readonly #tell: (progress: Progress) => void;
  readonly #now: () => number;
  readonly #took: Record<string, number> = {};
  readonly #timer: NodeJS.Timeout;
  /** The stage that runs, or the next one. */
  #at = 0;
  /** In seconds; null between two stages. */
  #startedAt: number | null = null;
  #building = false;
  #least = Infinity;

  /**
   * @param known from earlier starts
   * @param tell told at each change, and every two seconds
   * @param now a clock, in seconds
   */
  constructor(
    stages: readonly Stage[],
    known: StageSeconds,
    tell: (progress: Progress) => void,
    now: () => number = () => performance.now() / 1000,
  ) {
    this.#stages = stages;
    this.#known = known;
    this.#tell = tell;
    this.#now = now;
    this.#timer = setInterval(() => tell(this.progress), TICK_MS).unref();
  }

  /** To be told of every stage; others than those of the engine are passed over. */
  readonly onStage: OnStage = (event) => {
    const at = this.#stages.findIndex(({ id }) => id === event.stage.id);
    if (at === -1 || event.state === 'progress') return;
    if (event.state === 'started') {
      this.#at = at;
      this.#startedAt = this.#now();
    } else {
      if (event.seconds >= AT_WORK_SECONDS) this.#note(at, event.seconds);
      this.#at = at + 1;
      this.#startedAt = null;
    }
    this.#tell(this.progress);
  };

  get progress(): Progress {
    const running = this.#startedAt !== null;
    const stages = this.#stages.map(({ id, name }, index): EngineStage => {
      const state = index < this.#at ? 'done' : index === this.#at && running ? 'now' : 'to-come';
      return { id, name, state };
    });
    return { stages, secondsLeft: this.#secondsLeft() };
  }

  /** What is known now, for later starts. */
  get seconds(): StageSeconds {
    return { ...this.#known, ...this.#took };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #note(at: number, seconds: number): void {
    this.#took[this.#key(at)] = seconds;
    if (!this.#isLast(at)) this.#building = true;
  }

  #secondsLeft(): number | null {
    const elapsed = this.#startedAt === null ? 0 : this.#now() - this.#startedAt;
    if (elapsed >= AT_WORK_SECONDS && !this.#isLast(this.#at)) this.#building = true;
    if (!this.#building && !this.#isLast(this.#at)) return null;
    let left = Math.max(0, this.#expected(this.#at) - elapsed);
    for (let at = this.#at + 1; at < this.#stages.length; at++) left += this.#expected(at);
    this.#least = Math.min(this.#least, Math.ceil(left));
    return this.#least > 0 ? this.#least : null;
  }

  #expected(at: number): number {
    return at < this.#stages.length ? (this.#known[this.#key(at)] ?? 0) : 0;
  }

  #isLast(at: number): boolean {
    return at === this.#stages.length - 1;
  }

  #key(at: number): string {
    const id = this.#stages[at]?.id ?? '';
    return this.#isLast(at) && !this.#building ? `${id} kept` : id;
  }
}
