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
  /** The lines of that content, and of what within it is read by itself. */
  readonly #inline = new Map<string, InlineLine[]>();

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
    this.#inline.clear();
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
    const lines = this.#inline.get(content) ?? inlineLines(content, this.lines, this.#start);
    this.#inline.set(content, lines);
    // Not by looking at each: a text may have as many places as it has lines.
    let [first, last] = [0, lines.length - 1];
    while (first < last) {
      const middle = Math.ceil((first + last) / 2);
      if ((lines[middle]?.from ?? 0) <= position) first = middle;
      else last = middle - 1;
    }
    const { from = 0, column = null } = lines[first] ?? {};
    const line = this.#start + first;
    return column === null ? this.placeIn(line, part) : { line, column: column + position - from };
  }
}

/** A line of inline content: where in that it begins, and in which column of the text; null where it is not as it stands there. */
type InlineLine = { from: number; column: number | null };

/** What containers put before a line is not in the content, so that each is looked for in the line that it is of. */
function inlineLines(content: string, lines: readonly string[], start: number): InlineLine[] {
  let from = 0;
  return content.split('\n').map((text, index) => {
    const indent = text.length - text.trimStart().length;
    const at = lines[start + index]?.indexOf(text.slice(indent)) ?? -1;
    const found = { from, column: at === -1 ? null : at - indent };
    from += text.length + 1;
    return found;
  });
}
