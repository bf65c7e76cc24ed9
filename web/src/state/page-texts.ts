import { signal } from '@preact/signals';
import type { RunId, SessionView, StepContent } from '../../../server/protocol/index.ts';
import { hasBegun, pageKey, type LabPage } from './lab-view.ts';
import type { Problem, Result } from './problem.ts';

/** A page's text: on its way, there, or why not. */
export type PageText =
  { status: 'loading' } | { status: 'ready'; content: StepContent } | { status: 'problem'; problem: Problem };

/** Asks the server for a page's text. */
export type RequestText = (page: LabPage) => Promise<Result<StepContent>>;

/** The texts of a lab's pages, as they were read in each of its runs: addresses are not the same in the next. */
export class PageTexts {
  readonly #request: RequestText;
  readonly #texts = signal<ReadonlyMap<string, PageText>>(new Map());
  readonly #asked = new Set<string>();
  /** How often each text was asked for, so that only the answer to the newest question counts. */
  readonly #turns = new Map<string, number>();
  /** The texts that did not come when they were asked for last. */
  readonly #failed = new Map<string, { run: RunId; page: LabPage }>();

  constructor(request: RequestText) {
    this.#request = request;
  }

  /** What there is of a page's text. */
  of(run: RunId, page: LabPage): PageText {
    return this.#texts.value.get(keyOf(run, page)) ?? { status: 'loading' };
  }

  /**
   * Ask for the text of a page that comes to be read: once, and once more when the hosts are up, since only then
   * can it name their addresses.
   */
  want({ run, status }: Pick<SessionView, 'run' | 'status'>, page: LabPage): void {
    // One that is there is no worse than what hosts without addresses could give: they are only looked for again.
    const begun = hasBegun({ status });
    if (!begun && this.#texts.peek().get(keyOf(run, page))?.status === 'ready') return;
    const occasion = `${begun ? 'after' : 'before'} ${keyOf(run, page)}`;
    if (this.#asked.has(occasion)) return;
    this.#asked.add(occasion);
    void this.read(run, page);
  }

  /** Ask for a text, whether it is there or not. One that is stays until the newer one has come. */
  async read(run: RunId, page: LabPage): Promise<void> {
    const key = keyOf(run, page);
    const turn = (this.#turns.get(key) ?? 0) + 1;
    this.#turns.set(key, turn);
    const held = this.#texts.peek().get(key)?.status === 'ready';
    if (!held) this.#keep(key, { status: 'loading' });
    const result = await this.#request(page);
    if (this.#turns.get(key) !== turn) return;
    this.#failed.delete(key);
    if (result.ok) return this.#keep(key, { status: 'ready', content: result.value });
    this.#failed.set(key, { run, page });
    if (!held) this.#keep(key, { status: 'problem', problem: result.problem });
  }

  /** Ask again for what did not come, now that the server can be reached. */
  async retry(): Promise<void> {
    await Promise.all([...this.#failed.values()].map(({ run, page }) => this.read(run, page)));
  }

  #keep(key: string, text: PageText): void {
    this.#texts.value = new Map(this.#texts.peek()).set(key, text);
  }
}

const keyOf = (run: RunId, page: LabPage): string => `${run} ${pageKey(page)}`;
