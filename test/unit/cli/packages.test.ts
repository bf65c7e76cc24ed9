import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const CLI = join(import.meta.dirname, '../../../server/cli');
const OWN_NODE = `node_modules/node-linux-${process.arch}/bin/node`;

/** What npm does instead of looking for packages: it notes its arguments, and a folder is there afterwards. */
const INSTALL = 'echo "$*" >> calls; mkdir -p node_modules';

/** A project with nothing but its command, a program that the command runs, and a stand-in for npm. */
async function project({ npm = INSTALL, program = "console.log('ran', ...process.argv.slice(2))" } = {}) {
  const folder = await temporaryFolder();
  await folder.write('package.json', '{ "type": "module" }');
  const lock = await folder.write('package-lock.json', '{}');
  await folder.write('server/main.ts', program);
  await folder.write('calls', '');
  await folder.write('bin/npm', `#!/bin/sh\n${npm}\n`, 0o755);
  const copies = ['drydock.js', 'packages.js', 'install-packages.js', 'sudo.js'].map(async (name) =>
    folder.write(`server/cli/${name}`, await readFile(join(CLI, name), 'utf8')),
  );
  await Promise.all(copies);
  const PATH = `${join(folder.path, 'bin')}:${process.env['PATH']}`;
  const start = (nodeOptions: readonly string[] = [], path = PATH) =>
    execa(process.execPath, [...nodeOptions, join(folder.path, 'server/cli/drydock.js'), 'up', '--now'], {
      env: { PATH: path },
      reject: false,
    });
  return {
    folder,
    lock,
    start,
    calls: async () => (await readFile(join(folder.path, 'calls'), 'utf8')).split('\n').slice(0, -1),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Makes Node.js say that it is of another version. */
const pretend = (version: string) => [
  '--import',
  `data:text/javascript,${encodeURIComponent(
    `Object.defineProperties(process, {
       versions: { value: { ...process.versions, node: '${version}' } },
       version: { value: 'v${version}' },
     });`,
  )}`,
];

describe('the command', { timeout: 30_000 }, () => {
  it('installs the locked packages first, and then again only when the lock has changed', async () => {
    await using here = await project();
    expect(await here.start()).toMatchObject({ exitCode: 0, stdout: 'ran up --now' });
    expect(await here.calls()).toEqual([expect.stringMatching(/^ci --ignore-scripts --include=dev /)]);

    expect(await here.start()).toMatchObject({ exitCode: 0, stdout: 'ran up --now', stderr: '' });
    expect(await here.calls()).toHaveLength(1);

    await writeFile(here.lock, '{ "lockfileVersion": 3 }');
    expect(await here.start()).toMatchObject({ exitCode: 0, stdout: 'ran up --now' });
    expect(await here.calls()).toHaveLength(2);
  });

  it('shows what npm says when it fails, says what to do, and tries again the next time', async () => {
    await using here = await project({ npm: `${INSTALL}; echo 'no space left' >&2; exit 1` });
    for (const attempt of [1, 2]) {
      const { exitCode, stdout, stderr } = await here.start();
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toContain('no space left');
      expect(stderr.split('\n').at(-1)).toBe(
        'The packages could not be installed. See what npm says above, mend it and try again.',
      );
      expect(await here.calls()).toHaveLength(attempt);
    }
  });

  it('says that npm is missing when it is', async () => {
    await using here = await project();
    const { exitCode, stderr } = await here.start([], join(here.folder.path, 'empty'));
    expect(exitCode).toBe(1);
    expect(stderr.split('\n').at(-1)).toMatch(/^npm could not be run .* Install npm and try again\.$/);
  });

  it('runs on the Node.js among its packages, whatever the one is that it was started with', async () => {
    await using here = await project();
    await here.folder.write(OWN_NODE, '#!/bin/sh\necho "own node: $*"\n', 0o755);
    const { exitCode, stdout } = await here.start(pretend('20.19.0'));
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`own node: ${join(here.folder.path, 'server/main.ts')} up --now`);
  });

  it('says so when that one cannot be run', async () => {
    await using here = await project();
    await here.folder.write(OWN_NODE, '#!/no/such/loader\n', 0o755);
    const { exitCode, stderr } = await here.start();
    expect(exitCode).toBe(1);
    expect(stderr.split('\n').at(-1)).toMatch(/^Node\.js could not be run .* try again\.$/);
  });

  it('names the Node.js that it needs where there is none among its packages', async () => {
    await using here = await project();
    const { exitCode, stdout, stderr } = await here.start(pretend('22.20.0'));
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr.split('\n').at(-1)).toMatch(/^Drydock runs on Node\.js 24, .* Install it and try again\.$/);
  });

  it('refuses a Node.js that is too old before anything is installed', async () => {
    await using here = await project();
    const { exitCode, stderr } = await here.start(pretend('18.20.8'));
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^Drydock needs Node\.js 20 or later, and this is v18\.20\.8\. Install a later one/,
    );
    expect(await here.calls()).toEqual([]);
  });

  it('ends as its program ends', async () => {
    await using failing = await project({ program: 'process.exitCode = 7' });
    expect((await failing.start()).exitCode).toBe(7);
    await using killed = await project({ program: "process.kill(process.pid, 'SIGKILL')" });
    expect((await killed.start()).signal).toBe('SIGKILL');
  });

  it('hands SIGTERM to its program, which may end in good order', async () => {
    const program = `
      process.on('SIGTERM', () => { console.log('in good order'); process.exit(3); });
      setInterval(() => {}, 1000);
      console.log('ready');`;
    await using here = await project({ program });
    const running = here.start();
    for await (const line of running.iterable()) if (line === 'ready') running.kill('SIGTERM');
    expect(await running).toMatchObject({ exitCode: 3, stdout: 'ready\nin good order' });
  });
});
