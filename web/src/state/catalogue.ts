import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { CatalogueEntry } from '../../../server/protocol/index.ts';
import type { Api } from './api.ts';
import type { Problem } from './problem.ts';

/** With no more labs than this they are all seen at a glance, and nobody needs to look for one. */
const AT_A_GLANCE = 5;

/** The catalogue as the page has it. */
export type CatalogueState =
  | { status: 'loading' }
  | { status: 'ready'; scenarios: readonly CatalogueEntry[] }
  | { status: 'problem'; problem: Problem };

/** The labs that this server offers. */
export class CatalogueStore {
  readonly #api: Pick<Api, 'scenarios'>;
  readonly #state = signal<CatalogueState>({ status: 'loading' });
  readonly #query = signal('');

  /** Whether there are so many labs that one may have to be looked for. */
  readonly searchable: ReadonlySignal<boolean> = computed(() => {
    const state = this.#state.value;
    return state.status === 'ready' && state.scenarios.length > AT_A_GLANCE;
  });
  /** The labs that have every word that is looked for, in whichever language. */
  readonly found: ReadonlySignal<readonly CatalogueEntry[]> = computed(() => {
    const state = this.#state.value;
    if (state.status !== 'ready') return [];
    if (!this.searchable.value) return state.scenarios;
    const words = folded(this.#query.value).split(/\s+/);
    return state.scenarios.filter(({ title, summary }) => {
      const text = folded([...Object.values(title), ...Object.values(summary)].join('\n'));
      return words.every((word) => text.includes(word));
    });
  });

  /** Whether some labs are on machines that exist already. */
  readonly hasOwnHosts: ReadonlySignal<boolean> = computed(() => {
    const state = this.#state.value;
    return state.status === 'ready' && state.scenarios.some(({ ownHosts }) => ownHosts);
  });

  constructor(api: Pick<Api, 'scenarios'>) {
    this.#api = api;
  }

  get state(): ReadonlySignal<CatalogueState> {
    return this.#state;
  }

  /** What is looked for among the labs. */
  get query(): ReadonlySignal<string> {
    return this.#query;
  }

  search(query: string): void {
    this.#query.value = query;
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

const folded = (text: string): string => text.normalize('NFKC').toLowerCase().trim();
