/** Bounds of the messages, without their schemas: the page keeps within what the server holds it to. */

/** Bytes that one `terminal:input` may carry. */
export const MAX_INPUT_BYTES = 65_536;

/**
 * Bytes that a page types at once, as by a paste: all of an owner's pages together may, and then some a second. Terminals
 * keep 1 MiB for a program that does not read, which leaves room for keys behind a paste.
 */
export const MAX_PASTE_BYTES = 1_000_000;

/** Terminals that a host may have at once. */
export const MAX_TERMINALS_PER_HOST = 4;

/** The sizes that a terminal may have. */
export const TERMINAL_SIZES = {
  columns: { least: 2, most: 500 },
  rows: { least: 2, most: 300 },
} as const;
