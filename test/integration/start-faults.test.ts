import { symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { drydock } from '../support/drydock-command.ts';
import { listen } from '../support/listen.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MAIN = join(import.meta.dirname, '../../server/main.ts');
const STACK = /^\s+at .+:\d+/m;

/** `up` with a cache folder on a disk of its own, in a mount namespace that ends with it. */
async function upOnDisk(folder: string, mountOptions: string) {
  const script = `mount -t tmpfs -o ${mountOptions} none "$1" && exec "$2" "$3" up`;
  const { exitCode, stdout, stderr } = await execa(
    'unshare',
    ['--mount', 'sh', '-c', script, 'sh', folder, process.execPath, MAIN],
    { env: { DRYDOCK_CACHE: folder, DRYDOCK_PORT: '0' }, stdin: 'ignore', reject: false },
  );
  return { exitCode, stdout, stderr };
}

describe('a start', { timeout: 60_000 }, () => {
  it('with a cache folder that cannot be written to says so, and what to do', async () => {
    await using folder = await temporaryFolder();
    const { exitCode, stderr } = await upOnDisk(folder.path, 'ro');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('It cannot be written to. Set DRYDOCK_CACHE to a folder that can.');
    expect(stderr).not.toMatch(STACK);
  });

  it('on a disk that is too small for what has to be built begins nothing, and says what it needs', async () => {
    await using folder = await temporaryFolder();
    const { exitCode, stdout, stderr } = await upOnDisk(folder.path, 'size=64m');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/Building the virtual machine takes 3\.0 GiB of disk, and 0\.1 GiB are free/);
    expect(stderr).toContain('or set DRYDOCK_CACHE to a folder on a larger disk');
    expect(stderr).not.toMatch(STACK);
    expect(stdout).not.toContain('Unpack the emulator');
  });

  it('on a disk that has no room at all says that it is full', async () => {
    await using folder = await temporaryFolder();
    // Its only page is the folder itself.
    const { exitCode, stderr } = await upOnDisk(folder.path, 'size=4k,nr_inodes=2');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('The disk is full.');
    expect(stderr).not.toMatch(STACK);
  });

  it('whose port is taken says so before anything is built', async () => {
    await using cache = await temporaryFolder();
    await using taken = await listen(createServer());
    const { exitCode, stderr, stdout } = await drydock(cache.path, ['up'], {
      environment: { DRYDOCK_PORT: String(taken.port) },
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      'The port of the page is taken. Set DRYDOCK_PORT to another, or stop what uses it.',
    );
    expect(stderr).not.toMatch(STACK);
    expect(stdout).toBe('');
  });

  it('beside another that begins at the same moment is refused, and that one goes on', async () => {
    await using cache = await temporaryFolder();
    // Without the programs that building takes, the one that goes on soon ends by itself.
    await using programs = await temporaryFolder();
    await symlink('/usr/bin/flock', join(programs.path, 'flock'));
    const starts = [1, 2].map(() => {
      const settings = { DRYDOCK_CACHE: cache.path, DRYDOCK_PORT: '0', DRYDOCK_SETUP: 'manual' };
      const env = { ...settings, PATH: programs.path };
      return execa(process.execPath, [MAIN, 'up'], { env, stdin: 'ignore', reject: false });
    });
    const ended = await Promise.all(starts);
    const refused = ended.filter(({ stderr }) => stderr.includes('Another Drydock uses the cache folder'));
    expect(refused).toHaveLength(1);
    expect(ended.filter(({ stdout }) => stdout.includes('Open http://127.0.0.1:'))).toHaveLength(1);
  });
});
