import { z } from 'zod';
import { BlockId, HostName, LocalizedText, Slug, StepId } from './names.ts';

/** For whom a scenario is, as its author says. */
export const Difficulty = z.enum(['beginner', 'intermediate', 'advanced']);
export type Difficulty = z.infer<typeof Difficulty>;

/** A scenario in a few words. */
export const ScenarioSummary = z.strictObject({
  slug: Slug,
  title: LocalizedText,
  summary: LocalizedText,
  hosts: z.array(HostName),
  /** Whether they are machines that exist already, on which all stays what it is when the lab is over. */
  ownHosts: z.boolean(),
  /** Rough duration in minutes, as its author says. */
  minutes: z.int().positive(),
  /** Null where its author does not say. */
  difficulty: Difficulty.nullable(),
  /** Why the engine cannot run it; null where it can, and until that is known. */
  unavailable: LocalizedText.nullable(),
});
export type ScenarioSummary = z.infer<typeof ScenarioSummary>;

/** A scenario in the catalogue: GET /api/scenarios gives an array of these. */
export const CatalogueEntry = ScenarioSummary.extend({
  /**
   * How far its owner is: at which step, from 1, of how many. One that is `stopped` has lost its hosts, and can have fresh
   * ones. Null where it has not been begun, or must be begun again.
   */
  progress: z
    .strictObject({
      state: z.enum(['open', 'stopped', 'finished']),
      step: z.int().positive(),
      steps: z.int().positive(),
    })
    .nullable(),
});
export type CatalogueEntry = z.infer<typeof CatalogueEntry>;

/** What anybody may read of a scenario before starting it: GET /api/scenarios/:slug. */
export const ScenarioView = ScenarioSummary.extend({
  /** Rendered HTML by language. */
  intro: LocalizedText,
  /** Whether a step opens once the one before it has passed, or all are open from the start. */
  gating: z.enum(['strict', 'free']),
  steps: z.array(z.strictObject({ id: StepId, title: LocalizedText, checks: z.array(LocalizedText) })),
});
export type ScenarioView = z.infer<typeof ScenarioView>;

/** A command of a step's text that can be run by a click. */
export const BlockView = z.strictObject({
  id: BlockId,
  host: HostName,
  /** Whether running it first sends Ctrl-C to what runs in the terminal. */
  interrupt: z.boolean(),
});
export type BlockView = z.infer<typeof BlockView>;

/**
 * The text of an unlocked step, or of the finish: rendered HTML by language. A command of its own lines stands
 * in it as `<div class="command" …><pre><code>…</code></pre></div>`, one within a sentence as
 * `<span class="command" …><code>…</code></span>`. Their attributes are `data-block="b1" data-host="host01"`, or
 * `data-copy` where it can only be copied; the page adds the buttons. What code means is in `<span class="hljs-…">`; a
 * callout is `<div class="callout callout-note" role="note">`, a hint that opens `<details class="hint">`.
 */
export const StepContent = z.strictObject({
  html: LocalizedText,
  blocks: z.array(BlockView),
  /**
   * Whether words in `<var>` stand in for addresses that no host has yet: to be read, but neither run nor copied. It
   * can be had with the addresses once the session is ready.
   */
  provisional: z.boolean(),
});
export type StepContent = z.infer<typeof StepContent>;
