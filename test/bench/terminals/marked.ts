import { createHash } from 'node:crypto';

/** What is printed in two pieces, so that the command which does so, echoed by its terminal, has it nowhere. */
export const MARK = '<<<';

/** Where what follows the mark begins; -1 where there is none. */
export function beginOf(printed: Buffer): number {
  const at = printed.indexOf(MARK);
  return at === -1 ? -1 : at + MARK.length;
}

export const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
