import type { z } from 'zod';
import type { CheckContext } from './context.ts';
import type { Message, Verdict } from './verdict.ts';

/** A check as its author writes it. */
export type CheckDefinition<Params> = {
  /** As scenario.yaml names it; also the file's name. */
  name: string;
  params: z.ZodType<Params>;
  /**
   * Whether its looks are more than questions: they send traffic to what the learner has built, or start something. Such
   * a check is made only once all others of its step hold, and once for each state of the cluster.
   */
  active?: boolean;
  /** What the check asks, as the learner reads it beside the step. */
  title(params: Params): Message;
  /** The files of the scenario's folder that it uses, in `ctx.script`. */
  files?(params: Params): readonly string[];
  /** Looks and says. Must leave nothing behind that the learner could see. */
  run(ctx: CheckContext, params: Params): Promise<Verdict>;
};

/** A check as it is run. Parameters come from a file; `title`, `files` and `run` throw a ZodError for wrong ones. */
export interface Validator {
  readonly name: string;
  readonly params: z.ZodType;
  readonly active: boolean;
  title(params: unknown): Message;
  files(params: unknown): readonly string[];
  run(ctx: CheckContext, params: unknown): Promise<Verdict>;
}

export function defineCheck<Params>(definition: CheckDefinition<Params>): Validator {
  const { name, params, active = false } = definition;
  return {
    name,
    params,
    active,
    title: (raw) => definition.title(params.parse(raw)),
    files: (raw) => definition.files?.(params.parse(raw)) ?? [],
    run: async (ctx, raw) => definition.run(ctx, params.parse(raw)),
  };
}
