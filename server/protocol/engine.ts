import { z } from 'zod';
import { LocalizedText } from './names.ts';

/** A stage of preparing the engine; those of which the result is kept from an earlier start pass at once. */
export const EngineStage = z.strictObject({
  id: z.string(),
  name: LocalizedText,
  state: z.enum(['done', 'now', 'to-come']),
});
export type EngineStage = z.infer<typeof EngineStage>;

/**
 * What all labs run on. It goes from preparing to ready, or to failed, with which Drydock ends; and where it ends by
 * itself while it is ready, it is prepared again.
 */
export const EngineStatus = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('preparing'),
    /** Whether it ran before and has ended, with the labs that were on it. */
    again: z.boolean(),
    /** In their order. */
    stages: z.array(EngineStage),
    /** An estimate, to be told in round words; null where there is none. It never goes up. */
    secondsLeft: z.int().positive().nullable(),
  }),
  z.strictObject({
    status: z.literal('ready'),
    /** What is not kept from labs on it that might be expected to be, a sentence each. */
    limits: z.array(LocalizedText),
  }),
  z.strictObject({ status: z.literal('failed'), reason: LocalizedText }),
]);
export type EngineStatus = z.infer<typeof EngineStatus>;
