import {
  Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Range,
  visit,
} from 'yaml';
import { z } from 'zod';
import type { Problem } from './problem.ts';
import type { ScenarioSource } from './scenario-source.ts';

export type Path = readonly PropertyKey[];

/** Enough for any lab; aliases of aliases beyond it are there to fill the memory. */
const MOST_ALIASES = 50;

/** Bounds that no scenario comes near. */
const DEEPEST = 20;
const TOO_DEEP = `is nested deeper than ${DEEPEST} levels`;
const MOST_NODES = 10_000;
const LONGEST_STRING = 10_000;
/** One mistake can make many, of which the first ones say where it is. */
const MOST_FAULTS = 10;

/** A YAML file's data, with a place for everything in it. */
export class YamlFile implements ScenarioSource {
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;
  /** Undefined where the file is not YAML; `problems` then says why. */
  readonly data: unknown;
  readonly problems: readonly Problem[];

  constructor(file: string, source: string) {
    this.#file = file;
    try {
      this.#document = parseDocument(source, { lineCounter: this.#lines, prettyErrors: false });
    } catch (error) {
      // The parser calls itself for each level.
      if (!(error instanceof RangeError)) throw error;
      this.#document = new Document();
      this.problems = [{ file, line: mostNested(source), column: 1, message: TOO_DEEP }];
      return;
    }
    const problems = [...this.#document.errors, ...this.#document.warnings]
      .slice(0, MOST_FAULTS)
      .map(({ pos: [at], message }) => this.#problemAt(at, inWords(message)));
    const hostile = this.#document.errors.length === 0 ? this.#hostile() : null;
    if (hostile !== null) problems.push(hostile);
    else if (this.#document.errors.length === 0) {
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

  /** The first thing that nobody writes who means well: beyond all bounds, or named so as to change every object. */
  #hostile(): Problem | null {
    let found: Problem | null = null;
    let nodes = 0;
    const refuse = (node: { range?: Range | null | undefined }, message: string) => {
      found = this.#problemAt(node.range?.[0] ?? 0, message);
      return visit.BREAK;
    };
    visit(this.#document, {
      Node: (key, node, ancestors) => {
        nodes += 1;
        if (nodes > MOST_NODES) return refuse(node, `has more than ${MOST_NODES} entries`);
        if (ancestors.length > 2 * DEEPEST) return refuse(node, TOO_DEEP);
        if (isScalar(node) && typeof node.value === 'string') {
          if (node.value.length > LONGEST_STRING) {
            return refuse(node, `is longer than ${LONGEST_STRING} characters`);
          }
          if (key === 'key' && node.value === '__proto__') return refuse(node, 'unknown key “__proto__”');
        } else if (key === 'key' && !isScalar(node)) return refuse(node, 'a key must be a word');
        return undefined;
      },
    });
    return found;
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

/** What the parser says, for authors. */
function inWords(message: string): string {
  // The composer calls itself for each level, too.
  if (message.startsWith('Maximum call stack')) return TOO_DEEP;
  if (message.startsWith('Source contains multiple documents')) {
    return 'another document begins here, after “---”: a file has one';
  }
  if (message.startsWith('Nested mappings are not allowed in compact')) {
    return `${message}; a text with a colon in it stands in quotes`;
  }
  return message;
}

/** The line that opens the most levels, from 1. */
function mostNested(source: string): number {
  const levels = source.split('\n').map((line) => line.match(/[[{]|[-?](?=\s)/g)?.length ?? 0);
  return levels.indexOf(levels.reduce((most, each) => Math.max(most, each), 0)) + 1;
}
