import { randomBytes } from 'node:crypto';

/** An id for a new cluster: no other has it. */
export const newClusterId = (): string => randomBytes(4).toString('hex');
