/** Bounds of the messages, without their schemas: the page keeps within what the server holds it to. */

/** Bytes that one `terminal:input` may carry. */
export const MAX_INPUT_BYTES = 65_536;

/** Terminals that a host may have at once. */
export const MAX_TERMINALS_PER_HOST = 4;

/** The sizes that a terminal may have. */
export const TERMINAL_SIZES = {
  columns: { least: 2, most: 500 },
  rows: { least: 2, most: 300 },
} as const;
