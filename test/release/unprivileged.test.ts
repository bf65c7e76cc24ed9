import { lstat, mkdir, chown } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runningMachines } from '../../server/engines/embedded/running-machines.ts';
import { ensureUserNamespaces, otherUser, type OtherUser } from '../support/other-user.ts';

const MINUTE = 60_000;

let user: OtherUser;
let cache: string;

/** A shell of its own on a lab's host, with what it needs built and started before. */
const cluster = (commands: readonly string[], sudo = false) =>
  user.run([user.node, join(user.project, 'server/cli/drydock.js'), 'cluster', '--hosts', '1'], {
    root: sudo,
    environment: {
      DRYDOCK_SETUP: 'manual',
      DRYDOCK_CACHE: '',
      XDG_CACHE_HOME: '',
      ...(sudo
        ? { SUDO_USER: user.name, SUDO_UID: `${user.id}`, SUDO_GID: `${user.id}`, HOME: '/root' }
        : {}),
    },
    input: `${commands.join('\n')}\n`,
  });

/** The users that the virtual machines in the cache run as. */
async function machineOwners(): Promise<number[]> {
  const machines = await runningMachines(cache);
  return Promise.all(machines.map(async ({ pid }) => (await lstat(`/proc/${pid}`)).uid));
}

/** Ask for something on a disk, which root cannot mount here. */
const onDisk = async (disk: string, request: string) =>
  (await execa('debugfs', ['-R', request, disk])).stdout;

// The first test builds everything that an engine is started from: three minutes on two idle cores.
describe.skipIf(process.getuid?.() !== 0)('a user who is not root', () => {
  beforeAll(async () => {
    await ensureUserNamespaces();
    user = await otherUser();
    cache = join(user.home, '.cache/drydock');
  }, 5 * MINUTE);

  afterAll(() => user[Symbol.asyncDispose](), MINUTE);

  test(
    'builds the engine, starts it, and has labs on it whose files belong to whom they should',
    async () => {
      const { exitCode, stdout, stderr } = await cluster([
        'stat -c "%n %U:%G %a" /etc/shadow /var/mail /usr/bin/ssh-agent /usr/bin/mount',
        'docker run --rm redis:alpine ls -ldn /data',
        'docker run --rm alpine ping -c 1 127.0.0.1',
      ]);
      expect([exitCode, stderr]).toEqual([0, expect.stringContaining('This is host01')]);
      expect(stdout).toContain('/etc/shadow root:shadow 640');
      expect(stdout).toContain('/var/mail root:mail 2775');
      expect(stdout).toContain('/usr/bin/ssh-agent root:_ssh 2755');
      expect(stdout).toContain('/usr/bin/mount root:root 4755');
      expect(stdout).toMatch(/^drwxr-xr-x +\d+ 999 +999 .* \/data$/m);
      expect(stdout).toContain('1 packets received');
      expect(await machineOwners()).toEqual([]);
    },
    20 * MINUTE,
  );

  test(
    'has that engine run as itself, also when it comes by sudo',
    async () => {
      for (const sudo of [false, true]) {
        const running = cluster(['sleep 2', 'hostname'], sudo);
        await expect.poll(machineOwners, { timeout: MINUTE, interval: 100 }).toEqual([user.id]);
        expect(await running).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('host01') });
      }
      const roots = await execa('find', [user.home, '-uid', '0']);
      expect(roots.stdout).toBe('');
    },
    10 * MINUTE,
  );

  test(
    'makes disks with the owners, capabilities and hidden folders that the guest is to see',
    async () => {
      const work = join(user.home, 'work');
      await mkdir(work);
      await chown(work, user.id, user.id);
      const script = join(user.project, 'test/support/build-marked-disk.ts');
      const { exitCode, stdout: layer, stderr } = await user.run([user.node, script, cache, work]);
      expect([exitCode, stderr]).toEqual([0, '']);
      const disk = join(work, 'disk.raw');
      const able = await onDisk(disk, `stat ${layer}/marked/able`);
      expect(able).toMatch(/User: +1234 +Group: +4321/);
      // The second version of the attribute: root's, and not one that holds in a user namespace only.
      expect(await onDisk(disk, `ea_get -x ${layer}/marked/able security.capability`)).toMatch(
        /= 01 ?00 ?00 ?02/,
      );
      const special = await onDisk(disk, `stat ${layer}/marked/special`);
      expect(special).toMatch(/Mode: +06755/);
      expect(special).toMatch(/User: +65534 +Group: +42/);
      const marks = await onDisk(disk, 'ea_list /overlay/upper/folder');
      expect(marks).toContain('trusted.overlay.opaque (1) = "y"');
      expect(marks).not.toContain('user.overlay');
      expect(await onDisk(disk, 'ea_list /overlay/upper')).not.toContain('overlay');
    },
    10 * MINUTE,
  );

  test(
    'is rid of all of that by clean, also of what belongs to its subordinate ids',
    async () => {
      const words = [join(user.project, 'server/main.ts'), 'clean', '--yes'];
      const { exitCode, stdout } = await user.run([user.node, ...words], {
        environment: { DRYDOCK_CACHE: cache },
      });
      expect([exitCode, stdout]).toEqual([0, expect.stringContaining('are free again')]);
      const left = await execa('find', [cache, '-type', 'd']);
      expect(left.stdout).toBe(cache);
    },
    5 * MINUTE,
  );
});
