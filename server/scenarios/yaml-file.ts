import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import type { Problem } from './problem.ts';

export type Path = readonly PropertyKey[];

/** Enough for any lab; aliases of aliases beyond it are there to fill the memory. */
const MOST_ALIASES = 50;

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
    const problems = [...this.#document.errors, ...this.#document.warnings].map((fault) =>
      this.#problemAt(fault.pos[0], fault.message),
    );
    if (this.#document.errors.length === 0) {
      try {
        this.data = this.#document.toJS({ maxAliasCount: MOST_ALIASES });
      } catch (error) {
        // Aliases are followed only now: one may lead nowhere, or they may lead to each other in great numbers.
        if (!(error instanceof ReferenceError)) throw error;
        problems.push(this.#problemAt(this.#faultyAlias(), error.message));
      }
    }
    this.problems = problems;
  }

  /** A problem at `path`, or at the deepest part of it that the file has. */
  problem(path: Path, message: string): Problem {
    const about = path.length === 0 ? '' : `${z.core.toDotPath([...path])}: `;
    return this.#problemAt(this.#offset(path), about + message);
  }

  #problemAt(offset: number, message: string): Problem {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1), message };
  }

  /** The first alias that leads nowhere, or where all lead somewhere, the first. */
  #faultyAlias(): number {
    const offsets: number[] = [];
    let unknown: number | undefined;
    visit(this.#document, {
      Alias: (_key, alias) => {
        const offset = alias.range?.[0] ?? 0;
        offsets.push(offset);
        if (alias.resolve(this.#document) === undefined) unknown ??= offset;
      },
    });
    return unknown ?? offsets[0] ?? 0;
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
