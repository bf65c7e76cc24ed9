import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { UserError } from '../engines/user-error.ts';

/**
 * What makes each version of the file from the one before, in order; `user_version` says how many have been made. One that
 * has been released is never changed.
 */
const MIGRATIONS: readonly ((database: DatabaseSync) => void)[] = [
  (database) =>
    // The first file was made before its version was kept in it.
    database.exec(`
      CREATE TABLE IF NOT EXISTS sessions (
        owner TEXT NOT NULL, scenario TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (owner, scenario)
      ) STRICT;
    `),
  giveTimes,
];

/** Make the newest version of the file, whole or not at all. Throws a UserError for one that a newer Drydock has written. */
export function migrate(database: DatabaseSync): void {
  const { user_version: version } = z
    .object({ user_version: z.int() })
    .parse(database.prepare('PRAGMA user_version').get());
  if (version > MIGRATIONS.length) {
    throw new UserError(
      'The sessions in the cache folder were kept by a newer Drydock. Start that one, or set DRYDOCK_CACHE to another folder.',
    );
  }
  for (const [index, make] of MIGRATIONS.entries()) {
    if (index < version) continue;
    database.exec('BEGIN IMMEDIATE');
    try {
      make(database);
      database.exec(`PRAGMA user_version = ${index + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}

const Record1 = z.looseObject({
  since: z.iso.datetime(),
  view: z.looseObject({ status: z.string(), steps: z.array(z.looseObject({})) }),
});

/** Sessions have a clock, a limit of time, and for each step when it was opened and passed. Those that ran had no limit. */
function giveTimes(database: DatabaseSync): void {
  const rows = z
    .array(z.object({ owner: z.string(), scenario: z.string(), record: z.string() }))
    .parse(database.prepare('SELECT owner, scenario, record FROM sessions').all());
  const put = database.prepare('UPDATE sessions SET record = ? WHERE owner = ? AND scenario = ?');
  for (const { owner, scenario, record } of rows) {
    const parsed = Record1.safeParse(JSON.parse(record));
    if (!parsed.success) continue;
    const { view, ...rest } = parsed.data;
    const steps = view.steps.map((step) => ({ ...step, openedAt: null, passedAt: null }));
    const runs = view.status === 'ready' || view.status === 'finished';
    const state = { ...view, steps, time: null, ...(runs && { frozen: false }) };
    const clock = { elapsed: 0, uptime: 0, boot: '', wall: Date.parse(rest.since) };
    put.run(JSON.stringify({ ...rest, state, clock }), owner, scenario);
  }
}
