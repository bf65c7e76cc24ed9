import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Problem } from './problem.ts';

export type Path = readonly PropertyKey[];

/** A YAML file's data, with a place for everything in it. */
export class YamlFile {
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #document;
  /** Undefined where the file is not YAML; `problems` then says why. */
  readonly data: unknown;
  readonly problems: readonly Problem[];

  constructor(file: string, source: string) {
    this.#file = file;
    this.#document = parseDocument(source, { lineCounter: this.#lines, prettyErrors: false });
    const faults = [...this.#document.errors, ...this.#document.warnings];
    this.problems = faults.map((fault) => ({
      file,
      ...this.#at(fault.pos[0]),
      path: '',
      message: fault.message,
    }));
    this.data = this.#document.errors.length > 0 ? undefined : this.#document.toJS({ maxAliasCount: 50 });
  }

  /** A problem at `path`, or at the deepest part of it that the file has. */
  problem(path: Path, message: string): Problem {
    return { file: this.#file, ...this.#at(this.#offset(path)), path: z.core.toDotPath([...path]), message };
  }

  #at(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  #offset(path: Path): number {
    let node: unknown = this.#document.contents;
    let offset = 0;
    for (const segment of path) {
      if (isAlias(node)) node = node.resolve(this.#document);
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment));
        if (!pair) break;
        if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
        node = pair.value;
      } else if (isSeq(node) && typeof segment === 'number') {
        const item = node.items[segment];
        if (!isMap(item) && !isScalar(item) && !isSeq(item)) break;
        offset = item.range?.[0] ?? offset;
        node = item;
      } else break;
    }
    return offset;
  }
}
