import type { BlockId, StepContent, StepId } from '../protocol/index.ts';
import type { CommandBlock, Page, RenderedPage, Scenario, Step } from '../scenarios/scenario.ts';
import { LabError } from './errors.ts';
import { isOver, type SessionState } from './state.ts';

/** What a learner may read of a lab's text now, with what is known of the hosts put in. */
export class LabText {
  readonly #scenario: () => Scenario;
  readonly #state: () => SessionState;
  #variables: Readonly<Record<string, string>> | null = null;

  constructor({ scenario, state }: { scenario: () => Scenario; state: () => SessionState }) {
    this.#scenario = scenario;
    this.#state = state;
  }

  /** The hosts run: what the text has for their addresses is known from now on, for as long as it can be read. */
  fillIn(variables: Readonly<Record<string, string>>): void {
    this.#variables = variables;
  }

  /** Throws step_not_found, step_locked. */
  unlocked(id: StepId): Step {
    const step = this.#scenario().steps.find((candidate) => candidate.id === id);
    if (step === undefined) throw new LabError('step_not_found');
    const progress = this.#state().steps.find((candidate) => candidate.id === id);
    if (progress?.state === 'locked') throw new LabError('step_locked');
    return step;
  }

  /** Provisional where it has variables that are not known yet. */
  content(page: Page): StepContent {
    const provisional = this.#variables === null && page.hasVariables;
    const html = provisional ? page.preview() : this.#render(page).html;
    const blocks = page.blocks.map(({ id, host, interrupt }) => ({ id, host, interrupt }));
    return { html, blocks, provisional };
  }

  /** The text after the last step. Throws step_locked before the lab is finished, or is over with every step passed. */
  finish(): StepContent {
    const state = this.#state();
    const isDone = isOver(state) && state.steps.every((step) => step.state === 'passed');
    if (state.status !== 'finished' && !isDone) throw new LabError('step_locked');
    return this.content(this.#scenario().finish);
  }

  /** A command block with its command as it is typed. Throws block_not_found. */
  block(page: Page, id: BlockId): CommandBlock {
    const block = this.#render(page).blocks.find((candidate) => candidate.id === id);
    if (block === undefined) throw new LabError('block_not_found');
    return block;
  }

  #render(page: Page): RenderedPage {
    return page.render(this.#variables ?? {});
  }
}
