import type { StateBlock } from 'markdown-it';

/** A line of a block, without what its containers put before it and without its indent. */
export const lineOf = (state: StateBlock, line: number): string =>
  state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);

/** How far a line is indented within its containers: four make code of it, and less than none ends them. */
export const indentOf = (state: StateBlock, line: number): number =>
  (state.sCount[line] ?? 0) - state.blkIndent;
