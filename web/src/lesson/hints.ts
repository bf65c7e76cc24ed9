/** Which hints of a text are open, in their order. */
export const openHints = (root: ParentNode): boolean[] =>
  [...root.querySelectorAll('details')].map((hint) => hint.open);

/**
 * Open and close them as they were: the text is put in anew in another language, or with the addresses of the hosts,
 * under the eyes of somebody who reads it.
 */
export function setOpenHints(root: ParentNode, open: readonly boolean[]): void {
  for (const [index, hint] of [...root.querySelectorAll('details')].entries()) {
    hint.open = open[index] ?? hint.open;
  }
}
