import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { openSessionStore } from '../../server/sessions/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MINUTE = 60_000;
const STORE = join(import.meta.dirname, '../../server/sessions/store.ts');

/** A process that keeps a session again and again, each time with a later moment, which it says once it is kept. */
const WRITER = `
  import { openSessionStore } from ${JSON.stringify(STORE)};
  const store = openSessionStore(process.argv[1]);
  const step = { id: 'first', state: 'passed', checking: false, verdicts: [{ outcome: 'pass' }], openedAt: 0 };
  for (let now = 1; ; now++) {
    store.save({
      owner: 'ada',
      scenario: 'two-steps',
      since: '2026-01-01T10:00:00.000Z',
      state: {
        status: 'ready',
        run: '6f1c1b5e-33a5-4f0e-9d5a-0c2f6d1f5b11',
        scenario: 'two-steps',
        current: 'first',
        steps: [{ ...step, passedAt: now }],
        time: { endsAt: now, extensionsLeft: 1, extension: 1, warning: 0 },
        frozen: false,
        terminals: [],
      },
      clock: { elapsed: now, uptime: now, boot: 'one', wall: now },
      cluster: 'a-cluster',
      terminals: [],
    });
    process.stdout.write(now + '\\n');
  }
`;

it(
  'what was told of a session is kept whole and in step, whenever its server is killed',
  { timeout: MINUTE },
  async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'sessions.db');
    let last = 0;
    for (const lines of [1, 50, 400]) {
      const writer = spawn(process.execPath, ['--input-type=module', '-e', WRITER, file], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(writer, 'close');
      // It ends by nothing else, also where this test fails.
      using _ = { [Symbol.dispose]: () => void writer.kill('SIGKILL') };
      let told = 0;
      let seen = 0;
      for await (const line of createInterface({ input: writer.stdout })) {
        told = Number(line);
        seen += 1;
        if (seen === lines) writer.kill('SIGKILL');
      }
      await ended;
      using store = openSessionStore(file);
      const [session, ...others] = store.load();
      const kept = session?.clock.elapsed ?? 0;
      expect(others).toEqual([]);
      expect(kept).toBeGreaterThanOrEqual(told);
      expect(session?.state).toMatchObject({ time: { endsAt: kept }, steps: [{ passedAt: kept }] });
      last = told;
    }
    expect(last).toBeGreaterThanOrEqual(400);
  },
);
