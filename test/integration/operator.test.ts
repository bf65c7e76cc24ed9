import { mkdir, readdir, truncate } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CleanReport } from '../../server/cli/clean.ts';
import { DoctorReport } from '../../server/cli/doctor/finding.ts';
import { PsReport } from '../../server/cli/ps.ts';
import { openControl } from '../../server/control/open-control.ts';
import type { SessionTerms } from '../../server/sessions/terms.ts';
import { drydock } from '../support/drydock-command.ts';
import { listen } from '../support/listen.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { GOOD, scenarioFolder } from '../unit/scenarios/scenario-folder.ts';
import { startTestApp } from '../support/test-app.ts';

const STACK = /^\s+at .+:\d+/m;
const OLD = 'disks-0123456789abcdef';

/** A test server that commands find, with so many labs running. */
async function serving(labs: number, terms: Partial<SessionTerms> = {}) {
  await using owned = new AsyncDisposableStack();
  const cache = owned.use(await temporaryFolder());
  const app = owned.use(await startTestApp({ cache: cache.path, capacity: 20, terms }));
  const learners = Array.from({ length: labs }, () => owned.use(app.client()));
  for (const learner of learners) await learner.start();
  const ids = learners.map(({ session }) => session?.run ?? '');
  const held = owned.move();
  return { app, cache: cache.path, learners, ids, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** A cache folder with something of each kind in it. */
async function usedCache() {
  const cache = await temporaryFolder();
  await cache.write(`${OLD}/system.raw`, 'x'.repeat(100_000));
  // Sparse: its length is not what it takes.
  const sparse = await cache.write(`${OLD}/data.raw`, '');
  await truncate(sparse, 2 ** 33);
  await cache.write('guest-0123456789abcdef.partial-00000000-1/root/file', 'half');
  await cache.write('engine-server/console.log', 'booted');
  await cache.write('drydock.log', 'a line');
  await cache.write('notes.txt', 'somebody’s own');
  await cache.write('film.partial-1', 'somebody’s own');
  return cache;
}

describe('ps', { timeout: 60_000 }, () => {
  it('lists the labs that run with their pages, for people and for programs', async () => {
    await using here = await serving(2);
    const shown = await drydock(here.cache, ['ps']);
    expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
    const [head, ...rows] = shown.stdout.split('\n');
    expect(head).toMatch(/^ID +SCENARIO +STATUS +STEP +STARTED +HOSTS +VIEWERS$/);
    expect(rows).toEqual(
      here.ids.map((id) =>
        expect.stringMatching(
          new RegExp(`^${id.slice(0, 8)}  two-steps  ready   first  0 min ago  host01,host02  1$`),
        ),
      ),
    );
    const { exitCode, stdout, stderr } = await drydock(here.cache, ['ps', '--json']);
    expect([exitCode, stderr]).toEqual([0, '']);
    const report = PsReport.parse(JSON.parse(stdout));
    expect(report.server).toMatchObject({ pid: process.pid, url: here.app.url, status: 'serving' });
    expect(report.labs.map(({ id, viewers }) => [id, viewers])).toEqual(here.ids.map((id) => [id, 1]));
  });

  it('shows which labs are frozen', async () => {
    await using here = await serving(1, { freezeAfter: 20 });
    for (const learner of here.learners) learner.disconnect();
    await expect.poll(() => here.app.provisioner.cluster.frozen).toBe(true);
    expect((await drydock(here.cache, ['ps'])).stdout).toMatch(/ ready, frozen +first /);
    const { stdout } = await drydock(here.cache, ['ps', '--json']);
    expect(PsReport.parse(JSON.parse(stdout)).labs).toMatchObject([{ status: 'ready', frozen: true }]);
  });

  it('says that nothing runs, and that a server without labs does', async () => {
    await using cache = await temporaryFolder();
    const missing = join(cache.path, 'missing');
    expect(await drydock(missing, ['ps'])).toEqual({
      exitCode: 0,
      stdout: 'No Drydock is running.',
      stderr: '',
    });
    const { stdout } = await drydock(missing, ['ps', '--json']);
    expect(JSON.parse(stdout)).toEqual({ server: null, labs: [] });
    expect(await readdir(cache.path)).toEqual([]);
    await using here = await serving(0);
    expect((await drydock(here.cache, ['ps'])).stdout).toMatch(
      new RegExp(`No labs are running. Drydock is serving .* at ${here.app.url}`),
    );
  });
});

describe('end', { timeout: 60_000 }, () => {
  it('ends one lab by the beginning of its id, and leaves the others', async () => {
    await using here = await serving(2);
    const [first = '', second = ''] = here.ids;
    const { exitCode, stdout } = await drydock(here.cache, ['end', first.slice(0, 8)]);
    expect([exitCode, stdout]).toEqual([0, `Ended two-steps (${first}).`]);
    await here.learners[0]?.until('ended');
    expect(here.learners[1]?.session).toMatchObject({ status: 'ready', run: second });
    expect(here.app.provisioner.clusters.map(({ disposals }) => disposals)).toEqual([1, 0]);
  });

  it('refuses what is no lab’s id, or that of several, in a sentence', async () => {
    await using here = await serving(17);
    const unknown = await drydock(here.cache, ['end', 'nothing']);
    expect(unknown).toMatchObject({ exitCode: 1, stdout: '' });
    expect(unknown.stderr).toContain('No lab with the id “nothing” is running.');
    // Of 17 ids two begin with the same digit.
    const digits = here.ids.map((id) => id.slice(0, 1));
    const shared = digits.find((digit, index) => digits.indexOf(digit) !== index) ?? '';
    const several = await drydock(here.cache, ['end', shared]);
    expect(several).toMatchObject({ exitCode: 1, stdout: '' });
    expect(several.stderr).toContain('several labs');
    expect(`${unknown.stderr}${several.stderr}`).not.toMatch(STACK);
    expect(here.app.provisioner.clusters.some(({ disposals }) => disposals > 0)).toBe(false);
  });

  it('says where no Drydock runs', async () => {
    await using cache = await temporaryFolder();
    const { exitCode, stderr } = await drydock(cache.path, ['end', 'abc']);
    expect([exitCode, stderr.trim()]).toEqual([1, 'No Drydock is running, so there is no lab to end.']);
  });
});

describe('down', { timeout: 60_000 }, () => {
  it('ends every lab and the server, and is done when both are gone', async () => {
    await using here = await serving(2);
    const told = here.app.toldToStop.then(() => here.app[Symbol.asyncDispose]());
    const { exitCode, stdout } = await drydock(here.cache, ['down']);
    expect([exitCode, stdout.split('\n').at(-1)]).toEqual([0, 'Nothing of Drydock runs any more.']);
    expect(stdout).toContain(`Ending 2 labs and Drydock (process ${process.pid})`);
    await told;
    expect(here.app.provisioner.clusters.map(({ disposals }) => disposals)).toEqual([1, 1]);
    expect(await drydock(here.cache, ['ps'])).toMatchObject({ stdout: 'No Drydock is running.' });
  });

  it('says that nothing runs, and removes what an engine that was killed has left', async () => {
    await using cache = await usedCache();
    const { exitCode, stdout } = await drydock(cache.path, ['down']);
    expect([exitCode, stdout]).toEqual([0, 'Nothing is running.']);
    const left = await readdir(cache.path);
    expect(left).not.toContain('engine-server');
    expect(left).toContain(OLD);
    const missing = join(cache.path, 'missing');
    expect(await drydock(missing, ['down'])).toMatchObject({ exitCode: 0, stdout: 'Nothing is running.' });
    expect(await readdir(cache.path)).not.toContain('missing');
  });
});

describe('clean', { timeout: 60_000 }, () => {
  it('lists what it would remove with what it takes, and removes nothing without a yes', async () => {
    await using cache = await usedCache();
    const asked = await drydock(cache.path, ['clean']);
    expect(asked).toMatchObject({ exitCode: 1 });
    expect(asked.stderr).toContain('Add --yes');
    expect(asked.stdout).toMatch(new RegExp(`${OLD} +\\d+ KiB +of another version`));
    const { exitCode, stdout } = await drydock(cache.path, ['clean', '--json']);
    expect(exitCode).toBe(0);
    const report = CleanReport.parse(JSON.parse(stdout));
    expect(report.items.map(({ name, kind }) => [name, kind])).toEqual([
      [OLD, 'older'],
      ['engine-server', 'run'],
      ['guest-0123456789abcdef.partial-00000000-1', 'partial'],
    ]);
    const disks = report.items.find(({ name }) => name === OLD)?.bytes ?? 0;
    expect(disks).toBeGreaterThanOrEqual(100_000);
    expect(disks).toBeLessThan(1_000_000);
    expect([report.bytes, report.removed]).toEqual([
      report.items.reduce((sum, { bytes }) => sum + bytes, 0),
      false,
    ]);
    expect(await readdir(cache.path)).toContain(OLD);
  });

  it('removes that, and nothing that is somebody’s own', async () => {
    await using cache = await usedCache();
    const { exitCode, stdout } = await drydock(cache.path, ['clean', '--yes', '--json']);
    expect([exitCode, CleanReport.parse(JSON.parse(stdout)).removed]).toEqual([0, true]);
    expect((await readdir(cache.path)).toSorted()).toEqual([
      ...['control.lock', 'drydock.log', 'film.partial-1', 'notes.txt'],
    ]);
    const again = await drydock(cache.path, ['clean', '--yes']);
    expect(again).toMatchObject({ exitCode: 0, stdout: `There is nothing to remove in ${cache.path}.` });
  });

  it('refuses while a Drydock runs, and names the command that ends it', async () => {
    await using here = await serving(1);
    await mkdir(join(here.cache, OLD));
    const { exitCode, stdout, stderr } = await drydock(here.cache, ['clean', '--yes']);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('npm run drydock -- down');
    expect(await readdir(here.cache)).toContain(OLD);
  });
});

describe('doctor', { timeout: 60_000 }, () => {
  const find = (report: DoctorReport, id: string) => report.findings.find((finding) => finding.id === id);

  it('on an empty cache says what is not built yet, looks at everything and leaves nothing behind', async () => {
    await using folder = await temporaryFolder();
    const cache = join(folder.path, 'cache');
    const { exitCode, stdout, stderr } = await drydock(cache, ['doctor', '--json']);
    expect(stderr).toBe('');
    const report = DoctorReport.parse(JSON.parse(stdout));
    expect(exitCode).toBe(report.ok ? 0 : 1);
    expect(report.findings.map(({ id }) => id)).toEqual([
      ...[
        'node',
        'packages',
        'docker',
        'testcontainers',
        'egress',
        'cache',
        'programs',
        'root',
        'mirror',
        'disk',
        'memory',
        'acceleration',
      ],
      ...['server', 'engine', 'port', 'scenarios'],
    ]);
    expect(find(report, 'cache')).toMatchObject({
      state: 'warning',
      built: { emulator: false, guest: false, disks: false, snapshot: false },
    });
    for (const finding of report.findings) {
      expect([finding.id, finding.state === 'ok']).toEqual([finding.id, finding.remedy === undefined]);
    }
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('says the same to people, with what to do', async () => {
    await using cache = await temporaryFolder();
    const { stdout } = await drydock(cache.path, ['doctor']);
    expect(stdout).toMatch(/^warning {2}Not yet built .*\n {6}→ Start Drydock/m);
    expect(stdout).toMatch(/Labs can(not)? run/);
  });

  it('finds the server that runs', async () => {
    await using here = await serving(1);
    const report = DoctorReport.parse(JSON.parse((await drydock(here.cache, ['doctor', '--json'])).stdout));
    expect(find(report, 'server')).toMatchObject({ state: 'ok', url: here.app.url, labs: 1 });
  });

  it('calls a port that others use a problem, but not where this Drydock uses it', async () => {
    await using cache = await temporaryFolder();
    await using other = await listen(createServer());
    const taken = await drydock(cache.path, ['doctor', '--json'], {
      environment: { DRYDOCK_PORT: String(other.port) },
    });
    const report = DoctorReport.parse(JSON.parse(taken.stdout));
    expect([taken.exitCode, report.ok, find(report, 'port')?.state]).toEqual([1, false, 'problem']);
    await using here = await serving(0);
    const own = await drydock(here.cache, ['doctor', '--json'], {
      environment: { DRYDOCK_PORT: new URL(here.app.url).port },
    });
    expect(find(DoctorReport.parse(JSON.parse(own.stdout)), 'port')?.state).toBe('ok');
  });

  it('reports settings that are not usable', async () => {
    const { exitCode, stdout } = await drydock('not/absolute', ['doctor', '--json']);
    const report = DoctorReport.parse(JSON.parse(stdout));
    expect([exitCode, find(report, 'settings')?.state]).toEqual([1, 'problem']);
    expect(find(report, 'settings')?.remedy).toContain('DRYDOCK_CACHE');
  });
});

describe('lint and schema', { timeout: 60_000 }, () => {
  it('say what is wrong with the scenarios of a folder, in words and in JSON, and end with 1 for it', async () => {
    await using cache = await temporaryFolder();
    // Its image is that of Drydock's own lab.
    const good = { ...GOOD, 'images/redis/Dockerfile': undefined };
    const bad = { ...good, 'step1.md': 'Run `ls`{{exec HOST7}}' };
    await using labs = await scenarioFolder({ bad, good });
    const folder = ['--scenarios', labs.path];
    const told = await drydock(cache.path, ['lint', ...folder, 'bad']);
    expect([told.exitCode, told.stdout]).toEqual([
      1,
      expect.stringMatching(/bad\/step1\.md:1:9: .*no host07.*\n.*\n1 scenario, 2 problems\.\n?$/),
    ]);
    const { exitCode, stdout } = await drydock(cache.path, ['lint', '--json', ...folder]);
    const report: unknown = JSON.parse(stdout);
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({
      ok: false,
      scenarios: expect.arrayContaining([expect.objectContaining({ slug: 'good', ok: true })]),
      problems: expect.arrayContaining([
        { file: `${labs.path}/bad/step1.md`, line: 1, column: 9, message: expect.any(String) },
      ]),
    });
    expect((await drydock(cache.path, ['lint', ...folder, 'good', 'swarm-load-balancing'])).exitCode).toBe(0);
  });

  it('refuse a folder that is not there, and one that is itself a scenario', async () => {
    await using cache = await temporaryFolder();
    await using labs = await scenarioFolder({ good: GOOD });
    const of = async (folder: string) => drydock(cache.path, ['lint', '--scenarios', folder]);
    expect((await of('/nowhere')).stderr).toContain('There is no folder /nowhere');
    expect((await of(`${labs.path}/good`)).stderr).toContain('is a scenario itself');
    const environment = { DRYDOCK_SCENARIOS: '/nowhere' };
    const { stdout } = await drydock(cache.path, ['doctor', '--json'], { environment });
    expect(DoctorReport.parse(JSON.parse(stdout)).findings.at(-1)).toMatchObject({
      id: 'scenarios',
      state: 'problem',
      remedy: expect.stringContaining('/nowhere'),
    });
  });

  it('print a schema that says what a scenario must have', async () => {
    await using cache = await temporaryFolder();
    const schema: unknown = JSON.parse((await drydock(cache.path, ['schema'])).stdout);
    expect(schema).toMatchObject({ required: expect.arrayContaining(['title', 'hosts', 'steps', 'finish']) });
  });
});

describe('a second start on the same cache folder', { timeout: 60_000 }, () => {
  it.each(['up', 'cluster'])('by “%s” is refused before anything is built', async (command) => {
    await using cache = await temporaryFolder();
    await using _ = await openControl(cache.path, { version: '1', command: 'up', stop: () => undefined });
    const { exitCode, stderr } = await drydock(cache.path, [command]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`process ${process.pid}`);
    expect(stderr).not.toMatch(STACK);
    expect((await readdir(cache.path)).filter((name) => !name.startsWith('control.'))).toEqual([]);
  });
});

describe('a command that cannot be understood', { timeout: 60_000 }, () => {
  it.each([
    'launch',
    'up now',
    'ps --all',
    'end',
    'end one two',
    'cluster --hosts 9',
    'cluster --hosts many',
  ])('ends with 2 and says why: %s', async (line) => {
    await using cache = await temporaryFolder();
    const { exitCode, stdout, stderr } = await drydock(cache.path, line.split(' '));
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).not.toMatch(STACK);
    expect(await readdir(cache.path)).toEqual([]);
  });

  it('is another thing than help, which every command has', async () => {
    await using cache = await temporaryFolder();
    const commands = ['up', 'doctor', 'ps', 'end', 'down', 'clean', 'cluster'];
    const answers = await Promise.all(commands.map((command) => drydock(cache.path, [command, '--help'])));
    for (const [index, { exitCode, stdout, stderr }] of answers.entries()) {
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(stdout).toContain(`Usage: drydock ${commands[index]} `);
    }
  });
});

it.each(['up', 'ps', 'down', 'clean'])(
  '“%s” says in a sentence that the cache folder is no folder',
  async (command) => {
    await using folder = await temporaryFolder();
    const file = await folder.write('file', '');
    const { exitCode, stderr } = await drydock(file, [command]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${file}: It is no folder.`);
    expect(stderr).not.toMatch(STACK);
  },
  60_000,
);
