import { z } from 'zod';
import { Ground } from '../images/ground.ts';
import { HostName } from '../protocol/index.ts';

/** The cluster that `leave-spare.ts` is to make. */
export const SpareOrder = z.strictObject({
  hosts: z.array(HostName).readonly(),
  subnets: z.string(),
  ground: Ground,
});
export type SpareOrder = z.infer<typeof SpareOrder>;
