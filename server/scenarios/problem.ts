/** Something an author has to mend, and where. Lines and columns count from 1. */
export type Problem = {
  /** Absolute. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** One English sentence; of data, after what it is about: `steps[0].checks[1]: …`. */
  readonly message: string;
};
