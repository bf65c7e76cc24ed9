import type { Verdict } from '../protocol/index.ts';
import type { CheckSpec, Step } from './scenario.ts';

/** An earlier step that another rests on, by its number as the learner counts, from 1. */
export type Foundation = { number: number } & Pick<Step, 'title' | 'checks'>;

/** What a step asks, and the steps that it rests on, in their order. */
export type StepToCheck = Pick<Step, 'id' | 'checks'> & { restsOn: readonly Foundation[] };

/** A verdict for each check of a step, in order; null for one that was not made. */
export type Verdicts = readonly (Verdict | null)[];

/** Told the cause where a check cannot be made. */
export type OnBroken = (check: CheckSpec, error: unknown) => void;
