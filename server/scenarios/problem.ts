/** Something an author has to mend, and where. Lines and columns count from 1. */
export type Problem = {
  /** Absolute. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where in the data, for instance `steps[0].checks[1]`; empty in a text. */
  readonly path: string;
  /** One English sentence. */
  readonly message: string;
};
