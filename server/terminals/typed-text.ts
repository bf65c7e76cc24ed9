/** Ctrl-C as a terminal sends it. */
export const INTERRUPT = new Uint8Array([0x03]);

/**
 * A command block as a person would type it: Enter is a carriage return, also after the last line. Bracketed
 * paste is not used, since a shell or program that has not asked for it would show its marks as text.
 */
export function typedText(text: string): Uint8Array {
  return new TextEncoder().encode(`${text.replace(/(\r?\n)+$/, '').replaceAll(/\r?\n/g, '\r')}\r`);
}
