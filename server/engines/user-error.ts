/** A failure that a person can mend: its message is a sentence that says how. Shown without a stack. */
export class UserError extends Error {
  override name = 'UserError';
}
