/** The address of a link that a program has printed; null where it is none of the web's. */
export function webAddress(link: string): string | null {
  const url = URL.canParse(link) ? new URL(link) : null;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url.href : null;
}
