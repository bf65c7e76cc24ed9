import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { HostName, LogId, SessionState, Slug, TerminalId } from '../protocol/index.ts';
import { ClockMark } from './session-clock.ts';
import { migrate } from './store-migrations.ts';

/** What a session must be found again by when its server has gone, however that ended. */
export const StoredSession = z.strictObject({
  owner: z.string(),
  scenario: Slug,
  /** When it was started. */
  since: z.iso.datetime(),
  state: SessionState,
  /** How long it had gone on when it was written. */
  clock: ClockMark,
  /** The cluster's id; null until its hosts are up, and once it is over. */
  cluster: z.string().nullable(),
  terminals: z.array(
    z.strictObject({
      id: TerminalId,
      host: HostName,
      /** See ShellPlace; null while no shell runs. */
      shell: z
        .strictObject({
          id: z.string(),
          // Logs had no names at first.
          log: LogId.default(() => randomUUID()),
          origin: z.int(),
        })
        .nullable(),
    }),
  ),
});
export type StoredSession = z.infer<typeof StoredSession>;

/** Keeps sessions over restarts of the server; one per owner and scenario. */
export interface SessionStore extends Disposable {
  /** All that can be read. */
  load(): StoredSession[];
  /** The owner's session of a scenario; null where there is none that can be read. */
  find(owner: string, scenario: Slug): StoredSession | null;
  save(session: StoredSession): void;
  remove(owner: string, scenario: Slug): void;
}

const Row = z.object({ record: z.string() });

/** A store in an SQLite file, which is made where it is not there; `:memory:` keeps nothing. */
export function openSessionStore(file: string): SessionStore {
  const database = new DatabaseSync(file);
  // In WAL mode a record is on disk whole or not at all, also where the process is killed.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  migrate(database);
  const all = database.prepare('SELECT record FROM sessions');
  const one = database.prepare('SELECT record FROM sessions WHERE owner = ? AND scenario = ?');
  const put = database.prepare('INSERT OR REPLACE INTO sessions (owner, scenario, record) VALUES (?, ?, ?)');
  const drop = database.prepare('DELETE FROM sessions WHERE owner = ? AND scenario = ?');
  return {
    load: () => all.all().flatMap((row) => read(row) ?? []),
    find: (owner, scenario) => {
      const row = one.get(owner, scenario);
      return row === undefined ? null : read(row);
    },
    save: (session) => void put.run(session.owner, session.scenario, JSON.stringify(session)),
    remove: (owner, scenario) => void drop.run(owner, scenario),
    [Symbol.dispose]: () => database.close(),
  };
}

function read(row: unknown): StoredSession | null {
  const parsed = StoredSession.safeParse(JSON.parse(Row.parse(row).record));
  return parsed.success ? parsed.data : null;
}
