import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UserError } from '../../../server/engines/user-error.ts';
import { openSessionStore } from '../../../server/sessions/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** As the first version of the file had it. */
const RECORD = {
  owner: 'ada',
  scenario: 'two-steps',
  since: '2026-01-01T10:00:00.000Z',
  view: {
    status: 'ready',
    run: '6f1c1b5e-33a5-4f0e-9d5a-0c2f6d1f5b11',
    scenario: 'two-steps',
    current: 'second',
    steps: [
      { id: 'first', state: 'passed', checking: false, verdicts: [{ outcome: 'pass' }] },
      { id: 'second', state: 'open', checking: false, verdicts: [null] },
    ],
    terminals: [{ id: 'host01', host: 'host01' }],
  },
  cluster: 'a-cluster',
  terminals: [
    {
      id: 'host01',
      host: 'host01',
      shell: { id: 'a-shell', log: '0b5c8f8e-5b0e-4a52-9d0c-0d2f1c1f3c11', origin: 7 },
    },
  ],
};

it('sessions that the first version has kept are read, with all that they are found again by', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'sessions.db');
  const old = new DatabaseSync(file);
  old.exec(`CREATE TABLE sessions (
    owner TEXT NOT NULL, scenario TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (owner, scenario)
  ) STRICT;`);
  const put = old.prepare('INSERT INTO sessions VALUES (?, ?, ?)');
  put.run('ada', 'two-steps', JSON.stringify(RECORD));
  put.run('eve', 'two-steps', JSON.stringify({ what: 'nobody knows' }));
  old.close();

  for (let start = 1; start <= 2; start++) {
    using store = openSessionStore(file);
    expect(store.load()).toEqual([
      {
        owner: 'ada',
        scenario: 'two-steps',
        since: RECORD.since,
        state: {
          ...RECORD.view,
          steps: RECORD.view.steps.map((step) => ({ ...step, openedAt: null, passedAt: null })),
          time: null,
          frozen: false,
        },
        clock: { elapsed: 0, uptime: 0, boot: '', wall: Date.parse(RECORD.since) },
        cluster: RECORD.cluster,
        terminals: RECORD.terminals,
      },
    ]);
  }
});

it('what a newer version has kept is left alone, in words that say what to do', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'sessions.db');
  openSessionStore(file)[Symbol.dispose]();
  const newer = new DatabaseSync(file);
  newer.exec('PRAGMA user_version = 99');
  newer.close();
  expect(() => openSessionStore(file)).toThrow('kept by a newer Drydock. Start that one');
  // The command line tells it without a stack.
  expect(() => openSessionStore(file)).toThrow(UserError);
});
