import { chown, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import { DoctorReport } from '../../server/cli/doctor/finding.ts';
import { otherUser, type OtherUser, type RunOptions } from '../support/other-user.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CLI = join(import.meta.dirname, '../../server/cli');
const INSTALL = 'sudo apt-get install --yes --no-install-recommends';
const PROGRAMS = ['flock', 'setpriv', 'unshare', 'tar', 'getent', 'sh', 'env', 'cat', 'id', 'touch', 'chmod'];

let owned = new AsyncDisposableStack();
afterEach(async () => {
  await owned.disposeAsync();
  owned = new AsyncDisposableStack();
});

/** A user on a machine that has only such programs of those that Drydock takes from the system. */
async function machine(programs: readonly string[], subordinateIds = 0) {
  const user = owned.use(await otherUser({ subordinateIds }));
  const folder = owned.use(await temporaryFolder());
  await chown(folder.path, user.id, user.id);
  const bin = join(folder.path, 'bin');
  await mkdir(bin);
  await Promise.all(PROGRAMS.map(async (name) => symlink(await pathOf(name), join(bin, name))));
  await Promise.all(programs.map((name) => folder.write(`bin/${name}`, '#!/bin/sh\n', 0o755)));
  return {
    user,
    folder,
    /** Run Drydock's command as the user, or by sudo. */
    drydock: (words: readonly string[], { sudo = false, setup = 'auto' } = {}) =>
      user.run(['env', `PATH=${bin}`, user.node, join(user.project, 'server/cli/drydock.js'), ...words], {
        ...(sudo ? bySudo(user) : {}),
        environment: { ...(sudo ? bySudo(user).environment : {}), DRYDOCK_SETUP: setup },
      }),
  };
}

const pathOf = async (program: string) => (await execa('sh', ['-c', `command -v ${program}`])).stdout;

/** As sudo runs a command: by root, who is told who asked. */
const bySudo = ({ name, id }: OtherUser): RunOptions => ({
  root: true,
  environment: {
    SUDO_USER: name,
    SUDO_UID: `${id}`,
    SUDO_GID: `${id}`,
    HOME: '/root',
    USER: 'root',
    XDG_CACHE_HOME: '',
  },
});

/** What below a folder belongs to root. */
const rootsIn = async (folder: string) => (await execa('find', [folder, '-uid', '0'])).stdout;

describe.skipIf(process.getuid?.() !== 0)('a user who is not root', { timeout: 60_000 }, () => {
  it('is given the one line that installs what is missing, also where root may install nothing', async () => {
    const { drydock } = await machine([]);
    for (const setup of ['auto', 'manual']) {
      const { exitCode, stderr } = await drydock(['cluster'], { setup });
      expect([exitCode, stderr.trim().split('\n').at(-1)?.trim()]).toEqual([
        1,
        `${INSTALL} mmdebstrap uidmap`,
      ]);
    }
  });

  it('is told what gives the ids that building takes', async () => {
    const { drydock, user } = await machine(['mmdebstrap', 'newuidmap', 'newgidmap']);
    const { exitCode, stderr } = await drydock(['cluster']);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining(`${user.name} has too few subordinate ids`),
    ]);
    expect(stderr).toContain(
      `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user.name}`,
    );
    expect(stderr).not.toContain('    at ');
  });

  it('is told by doctor what root is needed for, and what not', async () => {
    const root = async (...args: Parameters<typeof machine>) => {
      const { drydock } = await machine(...args);
      const report = DoctorReport.parse(JSON.parse((await drydock(['doctor', '--json'])).stdout));
      return report.findings.find(({ id }) => id === 'root');
    };
    expect(await root([])).toMatchObject({
      state: 'problem',
      isRoot: false,
      needs: ['mmdebstrap', 'uidmap'],
    });
    const without = await root(['mmdebstrap', 'newuidmap', 'newgidmap']);
    expect(without).toMatchObject({ state: 'problem', needs: [], namespace: false });
    expect(without?.remedy).toContain('usermod --add-subuids');
  });

  it('is told how to get back what root has made on the way to the cache, and in it', async () => {
    const { drydock, user } = await machine([]);
    const caches = join(user.home, '.cache');
    await mkdir(caches);
    const told = async () => {
      const { exitCode, stderr } = await drydock(['cluster']);
      return [exitCode, stderr.trim().split('\n').at(-1)?.trim()];
    };
    expect(await told()).toEqual([1, `sudo chown -R ${user.name}: ${caches}`]);
    const inside = join(caches, 'drydock/engine-server');
    await mkdir(inside, { recursive: true });
    for (const folder of [caches, dirname(inside)]) await chown(folder, user.id, user.id);
    expect(await told()).toEqual([1, `sudo chown -R ${user.name}: ${inside}`]);
  });
});

describe.skipIf(process.getuid?.() !== 0)('a user who is root by sudo', { timeout: 60_000 }, () => {
  it('is root for installing what the system lacks, and for nothing else', async () => {
    const { drydock, user, folder } = await machine(['mmdebstrap']);
    const bin = join(folder.path, 'bin');
    const script = `#!/bin/sh\necho "$(id -u) $*" >> '${folder.path}/calls'\ncd '${bin}'; touch newuidmap newgidmap; chmod 755 newuidmap newgidmap\n`;
    await folder.write('bin/apt-get', script, 0o755);
    const { exitCode, stderr } = await drydock(['cluster'], { sudo: true });
    const calls = await readFile(join(folder.path, 'calls'), 'utf8');
    expect(calls.trim().split('\n').at(-1)).toMatch(/^0 .*install .* uidmap$/);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining(`${user.name} has too few subordinate ids`),
    ]);
    expect(await readdir(join(user.home, '.cache/drydock'))).toContain('control.lock');
    expect(await rootsIn(user.home)).toBe('');
  });

  it('has the npm packages installed as themselves', async () => {
    const { user, folder } = await machine([]);
    const npm = `#!/bin/sh\nmkdir -p node_modules; echo "$(id -u) $HOME" > node_modules/calls\n`;
    await folder.write('bin/npm', npm, 0o755);
    await folder.write('package.json', '{ "type": "module" }');
    await folder.write('package-lock.json', '{}');
    await folder.write('server/main.ts', "console.log('ran with', process.env.HOME)");
    for (const name of ['drydock.js', 'packages.js', 'install-packages.js', 'sudo.js']) {
      await folder.write(`server/cli/${name}`, await readFile(join(CLI, name), 'utf8'));
    }
    await execa('chown', ['--recursive', `${user.id}:${user.id}`, folder.path]);
    const path = `PATH=${join(folder.path, 'bin')}:${process.env['PATH']}`;
    const words = ['env', path, user.node, join(folder.path, 'server/cli/drydock.js')];
    const { exitCode, stdout } = await user.run(words, bySudo(user));
    expect([exitCode, stdout]).toEqual([0, `ran with ${user.home}`]);
    expect(await readFile(join(folder.path, 'node_modules/calls'), 'utf8')).toBe(`${user.id} ${user.home}\n`);
    expect(await rootsIn(folder.path)).toBe('');
  });

  it('has nothing installed where that is not wanted, nor by a command that only looks', async () => {
    const { drydock, folder } = await machine(['mmdebstrap']);
    await folder.write('bin/apt-get', `#!/bin/sh\ntouch '${folder.path}/called'\n`, 0o755);
    const manual = await drydock(['cluster'], { sudo: true, setup: 'manual' });
    expect(manual.stderr.trim().split('\n').at(-1)?.trim()).toBe(`${INSTALL} uidmap`);
    const { stdout } = await drydock(['doctor', '--json'], { sudo: true });
    expect(DoctorReport.parse(JSON.parse(stdout)).findings).toContainEqual(
      expect.objectContaining({ id: 'root', isRoot: false }),
    );
    expect(await readdir(folder.path)).not.toContain('called');
  });
});
