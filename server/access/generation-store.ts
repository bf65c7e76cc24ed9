import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

/** How often each owner has signed others out; kept over restarts. */
export interface GenerationStore extends Disposable {
  of(owner: string): number;
  /** The next generation of the owner. */
  raise(owner: string): number;
}

const Row = z.object({ generation: z.int() });

/** A store in an SQLite file, which is made where it is not there; `:memory:` keeps nothing. */
export function openGenerations(file: string): GenerationStore {
  const database = new DatabaseSync(file);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS generations (owner TEXT PRIMARY KEY, generation INTEGER NOT NULL) STRICT;
  `);
  const find = database.prepare('SELECT generation FROM generations WHERE owner = ?');
  const raise = database.prepare(`
    INSERT INTO generations (owner, generation) VALUES (?, 1)
    ON CONFLICT (owner) DO UPDATE SET generation = generation + 1 RETURNING generation
  `);
  return {
    of(owner) {
      const row = find.get(owner);
      // Most have never signed anybody out.
      return row === undefined ? 0 : Row.parse(row).generation;
    },
    raise: (owner) => Row.parse(raise.get(owner)).generation,
    [Symbol.dispose]: () => database.close(),
  };
}
