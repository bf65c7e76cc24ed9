import { z } from 'zod';
import { HostName, Slug, StepId, Verdict } from '../protocol/index.ts';

const Seconds = z.number();

/** A check and what it said. */
export const CheckResult = z.strictObject({
  validator: z.string(),
  /** What it asks, in the language that the proof was asked for in. */
  title: z.string(),
  verdict: Verdict,
  seconds: Seconds,
});
export type CheckResult = z.infer<typeof CheckResult>;

/** A command of a step that was run in a terminal. */
export const CommandResult = z.strictObject({
  block: z.string(),
  host: HostName,
  command: z.string(),
  /** Of its last line; null where it did not end. */
  exitCode: z.int().nullable(),
  /** Why its end was not seen. */
  problem: z.string().optional(),
  /** What its terminal showed at last, with what only a terminal can read. */
  output: z.string(),
  seconds: Seconds,
});
export type CommandResult = z.infer<typeof CommandResult>;

export const StepResult = z.strictObject({
  id: StepId,
  title: z.string(),
  /** Each must be `fail`. */
  before: z.array(CheckResult),
  commands: z.array(CommandResult),
  /** Each must be `pass`. */
  after: z.array(CheckResult),
  seconds: Seconds,
  holds: z.boolean(),
});
export type StepResult = z.infer<typeof StepResult>;

export const MutationResult = z.strictObject({
  step: StepId,
  name: z.string(),
  /** The check that must turn red, and what its reason must say. */
  check: z.string(),
  because: z.string(),
  /** What the step's checks said at last while it was wrong, and once it was undone. */
  wrong: z.array(CheckResult),
  undone: z.array(CheckResult),
  /** What went wrong with its commands. */
  problem: z.string().optional(),
  seconds: Seconds,
  holds: z.boolean(),
});
export type MutationResult = z.infer<typeof MutationResult>;

/** What `prove` finds out about a scenario. */
export const Proof = z.strictObject({
  scenario: Slug,
  engine: z.strictObject({ kind: z.enum(['embedded', 'external']), version: z.string() }),
  steps: z.array(StepResult),
  mutations: z.array(MutationResult),
  /** Each step on a cluster of its own, brought there by the commands before it; where that was asked for. */
  eachStep: z.array(StepResult),
  seconds: Seconds,
  holds: z.boolean(),
});
export type Proof = z.infer<typeof Proof>;
