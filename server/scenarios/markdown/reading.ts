import type { HostName, Locale } from '../../protocol/index.ts';
import type { CommandBlock } from '../scenario.ts';

/** What is wrong in a text, and where. Lines and columns count from 1. */
export type TextProblem = { line: number; column: number; message: string };

/** A place in a text. Lines and columns count from 0. */
export type Place = { line: number; column: number };

/** What a text is read for. */
export type ReadingOptions = {
  /** The scenario's; the first runs what names none. */
  hosts: readonly HostName[];
  locale: Locale;
  /** The address of a picture that a text names, by its path in the scenario's folder; or why it cannot be shown. */
  asset?: (path: string) => { url: string } | { wrong: string };
};

/** One reading of one text: what the plugins find in it, and where. */
export class Reading {
  readonly options: ReadingOptions;
  readonly lines: readonly string[];
  readonly blocks: (CommandBlock & { line: number })[] = [];
  readonly #problems = new Map<string, TextProblem>();
  /** The line at which the inline content that is being read begins. */
  #start = 0;

  constructor(text: string, options: ReadingOptions) {
    this.lines = text.split(/\r\n|\r|\n/);
    this.options = options;
  }

  get problems(): TextProblem[] {
    return [...this.#problems.values()].toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  /** Whatever `placeOf` is asked for from now on stands in the inline content that begins at this line. */
  beginAt(line: number): void {
    this.#start = line;
  }

  report({ line, column }: Place, message: string): void {
    const problem = { line: line + 1, column: Math.max(column, 0) + 1, message };
    // A label of a link that turns out to be none is read twice.
    this.#problems.set(JSON.stringify(problem), problem);
  }

  /** The first place in a line where `part` stands; without it, where the line begins. */
  placeIn(line: number, part = ''): Place {
    const text = this.lines[line] ?? '';
    return { line, column: Math.max(part === '' ? text.search(/\S/) : text.indexOf(part), 0) };
  }

  /** Where `part`, which stands at `position` of the inline content that is being read, stands in the text. */
  placeOf(content: string, position: number, part: string): Place {
    const before = content.slice(0, position).split('\n');
    const line = this.#start + before.length - 1;
    // What containers put before a line is not in the content, so the place is found again by counting.
    let column = -1;
    for (let nth = (before.at(-1) ?? '').split(part).length; nth > 0; nth--) {
      const next = this.lines[line]?.indexOf(part, column + 1) ?? -1;
      if (next === -1) break;
      column = next;
    }
    return { line, column: Math.max(column, 0) };
  }
}
