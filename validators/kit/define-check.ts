import type { z } from 'zod';
import type { CheckContext } from './context.ts';
import type { Message, Verdict } from './verdict.ts';

/** A check as its author writes it. */
export type CheckDefinition<Params> = {
  /** As scenario.yaml names it; also the file's name. */
  name: string;
  params: z.ZodType<Params>;
  /** What the check asks, as the learner reads it beside the step. */
  title(params: Params): Message;
  /** Looks and says. Must change nothing that the learner could see. */
  run(ctx: CheckContext, params: Params): Promise<Verdict>;
};

/** A check as it is run. Parameters come from a file; `title` and `run` throw a ZodError for wrong ones. */
export interface Validator {
  readonly name: string;
  readonly params: z.ZodType;
  title(params: unknown): Message;
  run(ctx: CheckContext, params: unknown): Promise<Verdict>;
}

export function defineCheck<Params>(definition: CheckDefinition<Params>): Validator {
  const { name, params } = definition;
  return {
    name,
    params,
    title: (raw) => definition.title(params.parse(raw)),
    run: async (ctx, raw) => definition.run(ctx, params.parse(raw)),
  };
}
