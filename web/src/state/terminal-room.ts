import type { Layout } from './preferences.ts';

/** A size on the page, in pixels. */
export type Room = { width: number; height: number };

/** Below this, lines of a shell wrap more than they can be read. */
const LEAST = { columns: 40, rows: 8 } as const;
/** How wide and how high a character is, of the size of the type; about, as fonts go. */
const CHARACTER = { width: 0.6, height: 1.25 } as const;
/** The name above a terminal where several are seen, in pixels. */
const NAME = 30;

/** The layouts in which two terminals can be worked in, at a size of type in pixels; one at a time there always is. */
export function layoutsIn({ width, height }: Room, fontSize: number): Layout[] {
  const columns = width / (CHARACTER.width * fontSize);
  const rows = (height - 2 * NAME) / (CHARACTER.height * fontSize);
  return [
    'tabs',
    ...(columns >= LEAST.columns && rows >= 2 * LEAST.rows ? (['stacked'] as const) : []),
    ...(columns >= 2 * LEAST.columns ? (['side-by-side'] as const) : []),
  ];
}
