import { signal, type ReadonlySignal } from '@preact/signals';
import type { ScenarioSummary } from '../../../server/protocol/index.ts';
import type { Api } from './api.ts';
import type { Problem } from './problem.ts';

/** The catalogue as the page has it. */
export type CatalogueState =
  | { status: 'loading' }
  | { status: 'ready'; scenarios: readonly ScenarioSummary[] }
  | { status: 'problem'; problem: Problem };

/** The labs that this server offers. */
export class CatalogueStore {
  readonly #api: Pick<Api, 'scenarios'>;
  readonly #state = signal<CatalogueState>({ status: 'loading' });

  constructor(api: Pick<Api, 'scenarios'>) {
    this.#api = api;
  }

  get state(): ReadonlySignal<CatalogueState> {
    return this.#state;
  }

  /** Read the catalogue anew. One that is already shown stays until the answer is there. */
  async load(): Promise<void> {
    if (this.#state.peek().status === 'problem') this.#state.value = { status: 'loading' };
    const result = await this.#api.scenarios();
    if (result.ok) this.#state.value = { status: 'ready', scenarios: result.value };
    else if (this.#state.peek().status !== 'ready') {
      this.#state.value = { status: 'problem', problem: result.problem };
    }
  }
}
