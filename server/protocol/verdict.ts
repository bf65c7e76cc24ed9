import { z } from 'zod';
import { LocalizedText } from './names.ts';

/**
 * What a check says of a cluster. `fail` is *not yet*: what was expected and seen, and perhaps what to try.
 * `error` means that the check itself could not be made, which says nothing of the learner's work.
 */
export const Verdict = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('pass') }),
  z.strictObject({
    outcome: z.literal('fail'),
    reason: LocalizedText,
    hint: LocalizedText.optional(),
  }),
  z.strictObject({ outcome: z.literal('error'), reason: LocalizedText }),
]);
export type Verdict = z.infer<typeof Verdict>;
