import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { runProgram } from '../../server/engines/run-program.ts';
import { openLog } from '../../server/log.ts';
import { TERMINAL_SIZES } from '../../server/protocol/index.ts';
import { openSessionStore } from '../../server/sessions/store.ts';
import { cutLine } from '../support/cut-line.ts';
import { ends, startDesk } from '../support/desk.ts';
import { FakeProvisioner } from '../support/fake-provisioner.ts';
import type { LabClient } from '../support/lab-client.ts';
import { seededRandom } from '../support/random.ts';
import { passed } from '../support/scripted-checks.ts';
import { twoStepScenario } from '../support/scenarios.ts';
import { slowLink, type LinkOptions } from '../support/slow-link.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestApp } from '../support/test-app.ts';

const MINUTE = 60_000;

describe('a terminal', () => {
  test(
    'is held back by a page whose connection is half open for no longer than that takes to be noticed',
    async () => {
      await using lab = await startDesk();
      await using line = await cutLine(lab.url);
      using gone = await lab.other(line.url);
      lab.learner.disconnect();
      gone.type('host01', 'seq 2000000; touch done\r');
      // It prints, and nobody is told of the end of the line.
      await gone.untilScreen('host01', ({ drawn }) => drawn > 100_000);
      line.stall();
      await expect.poll(() => existsSync(`${lab.home}/done`), { timeout: 2 * MINUTE }).toBe(true);
      using back = await lab.other();
      expect(back.screen('host01').text).toMatch(/\r\n1999999\r\n2000000\r\nready\$ $/);
    },
    4 * MINUTE,
  );

  test(
    'is shown whole to one page beside another that is given a byte a second',
    async () => {
      await using lab = await startDesk();
      const options: LinkOptions = { delay: 1 };
      await using link = await slowLink(lab.url, options);
      using slow = await lab.other(link.url);
      slow.screen('host01').mayMiss = true;
      options.bytesPerSecond = 1;
      const { drawn } = lab.learner.screen('host01');
      lab.learner.type('host01', 'stty -echo -opost; seq 3000000\r');
      await ends(lab.learner, '\n2999999\n3000000\nready$ ');
      const seen = lab.learner.screen('host01').bytes.subarray(drawn).toString();
      const numbers = seen.slice(seen.indexOf('\n1\n2\n3\n') + 1).split('\n');
      expect(numbers.slice(0, -1)).toEqual(Array.from({ length: 3_000_000 }, (_, at) => `${at + 1}`));
    },
    3 * MINUTE,
  );

  test(
    'carries every byte that there is, and its shell is the same afterwards',
    async () => {
      await using lab = await startDesk();
      const mark = '<<<random>>>';
      lab.learner.type(
        'host01',
        `stty -opost; head -c 4000000 /dev/urandom > random; echo '<<<''random>>>'; cat random; echo; reset; stty sane\r`,
      );
      const wanted = 4_000_000;
      const begin = () => lab.learner.screen('host01').bytes.indexOf(`${mark}\n`) + mark.length + 1;
      await lab.learner.untilScreen('host01', ({ drawn }) => drawn >= wanted);
      await lab.learner.untilScreen('host01', ({ drawn }) => drawn >= begin() + wanted);
      const shown = lab.learner.screen('host01').bytes.subarray(begin(), begin() + wanted);
      expect(shown.equals(await readFile(`${lab.home}/random`))).toBe(true);
      await ends(lab.learner, 'ready$ ');
      lab.learner.type('host01', 'echo $((40 + 2))\r');
      await ends(lab.learner, '\r\n42\r\nready$ ');
    },
    MINUTE,
  );

  test(
    'has the size that it was given last, after a storm of them and sizes that there are not',
    async () => {
      await using lab = await startDesk();
      const { columns, rows } = TERMINAL_SIZES;
      const random = seededRandom(1);
      const absurd = [0, -1, 1.5, 1e9, Number.NaN, columns.most + 1, '80', null];
      for (let sent = 0; sent < 3000; sent++) {
        const size =
          sent % 3 === 0
            ? { columns: absurd[random(absurd.length)], rows: absurd[random(absurd.length)] }
            : {
                columns: columns.least + random(columns.most - columns.least),
                rows: rows.least + random(rows.most - rows.least),
              };
        lab.learner.emitRaw('terminal:resize', { id: 'host01', ...size });
      }
      lab.learner.emit('terminal:resize', { id: 'host01', columns: 123, rows: 45 });
      lab.learner.type('host01', 'clear; stty size\r');
      await lab.learner.untilScreen('host01', ({ text }) => text.includes('45 123\r\n'));
      // Nor does one that comes after the end of a shell get lost.
      lab.learner.type('host01', 'exit\r');
      await lab.learner.untilShell('host01', false);
      lab.learner.emit('terminal:resize', { id: 'host01', columns: 99, rows: 33 });
      lab.learner.type('host01', '\r');
      await lab.learner.untilShell('host01', true);
      lab.learner.type('host01', 'stty size\r');
      await ends(lab.learner, '33 99\r\nready$ ');
      expect(lab.learner.disconnects).toEqual([]);
    },
    MINUTE,
  );
});

// Only root can make a disk so small.
describe.skipIf(process.getuid?.() !== 0)('a disk that is full under the log and the store', () => {
  test(
    'ends no lab, and what was done meanwhile is kept once there is room',
    async () => {
      await using owned = new AsyncDisposableStack();
      const disk = owned.use(await temporaryFolder()).path;
      await runProgram('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', disk]);
      owned.defer(async () => void (await runProgram('umount', ['--lazy', disk])));
      const store = owned.use(openSessionStore(`${disk}/sessions.db`));
      const log = openLog(`${disk}/drydock.log`);
      const provisioner = new FakeProvisioner();
      const [first, second] = twoStepScenario.steps.map(({ id }) => id);
      const pass = async (app: Awaited<ReturnType<typeof startTestApp>>, learner: LabClient, id = '') => {
        const checked = learner.check(id);
        await expect.poll(() => app.checks.last.count).toBeGreaterThan(0);
        app.checks.last.answer(Array.from({ length: app.checks.last.count }, () => passed));
        return checked;
      };
      const app = await startTestApp({ after: { store, provisioner } });
      const learner = app.client();
      await learner.start();
      await runProgram('sh', ['-c', `cat /dev/zero > ${disk}/filler 2> /dev/null || true`]);
      for (let line = 0; line < 1000; line++) log.info({ line }, 'what is lost');
      expect((await pass(app, learner, first)).status).toBe(200);
      expect((await learner.next()).body.current).toBe(second);
      await rm(`${disk}/filler`);
      log.info('there is room again');
      expect(await readFile(`${disk}/drydock.log`, 'utf8')).toContain('there is room again');
      learner.disconnect();
      await app.leave();
      await using again = await startTestApp({ after: { store, provisioner } });
      using back = again.client();
      back.cookie = learner.cookie;
      await back.connect();
      const { current, steps } = await back.until('ready');
      expect([current, steps[0]?.state]).toEqual([second, 'passed']);
    },
    MINUTE,
  );
});
