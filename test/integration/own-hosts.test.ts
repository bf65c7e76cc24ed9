import { createHash } from 'node:crypto';
import { closeSync, constants, existsSync, fstatSync, openSync, writeFileSync } from 'node:fs';
import { mkdir, open, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { EMULATED } from '../../server/engines/embedded/guest-shape.ts';
import { startMachine } from '../../server/engines/embedded/machine.ts';
import { ownShells } from '../support/own-shells.ts';
import { describePty } from '../support/pty-contract.ts';
import { PtyReader } from '../support/pty-reader.ts';
import { sshMachine } from '../support/ssh-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SIZE = { columns: 80, rows: 24 };

/** Shells of this machine, without a profile of whoever runs the tests. */
async function localShells(environment: Readonly<Record<string, string>> = {}) {
  const owned = new AsyncDisposableStack();
  const home = owned.use(await temporaryFolder());
  await home.write('.bash_profile', `PS1='ready$ '; HISTFILE=; export LC_ALL=C.UTF-8\n`);
  const shells = owned.use(
    await ownShells({ kind: 'local' }, { PATH: process.env['PATH'], HOME: home.path, ...environment }),
  );
  return { ...shells, home: home.path, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

describePty('of this machine', localShells, { held: false, runs: 20 });

describe('a shell of this machine', { timeout: 60_000 }, () => {
  it('gives all that it printed before its end to a reader that begins late and reads slowly', async () => {
    await using shells = await localShells();
    const text = Array.from({ length: 40_000 }, (_, i) => `${i}`).join('\n');
    const pty = await shells.openPty(SIZE);
    pty.write(Buffer.from(`stty -echo -onlcr; echo; echo '<''<<'; seq 0 39999; exit 4\r`));
    let printed = '';
    for await (const data of pty.output) {
      printed += Buffer.from(data).toString();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const seen = printed.slice(printed.indexOf('<<<\n') + 4, printed.lastIndexOf('39999') + 5);
    const digest = (of: string) => createHash('sha256').update(of).digest('hex');
    expect([digest(seen), await pty.exited]).toEqual([digest(text), 4]);
  });

  it('has a login’s environment and nothing of the server’s, and no file of another’s terminal', async () => {
    await using shells = await localShells({
      DRYDOCK_OPERATOR_TOKEN: 'a-secret-of-the-operator',
      DOCKER_HOST: 'tcp://127.0.0.1:1',
      SSH_AUTH_SOCK: '/agent',
      npm_config_x: 'y',
    });
    const other = await shells.openPty(SIZE);
    const shell = new PtyReader(await shells.openPty({ columns: 200, rows: 24 }));
    shell.enter(`stty -echo; env; pwd; sh -c 'ls /proc/self/fd | wc -l'; echo $((40 + 2)); exit`);
    await shell.ended;
    expect(shell.text).toContain(`HOME=${shells.home}\r\n`);
    expect(shell.text).toContain('TERM=xterm-256color\r\n');
    expect(shell.text).toContain(`\r\n${shells.home}\r\n4\r\n42\r\n`);
    expect(shell.text.slice(shell.text.indexOf('PWD='))).not.toMatch(/DRYDOCK|secret|DOCKER|agent|npm_/);
    await other[Symbol.asyncDispose]();
  });

  it('is open in no virtual machine that is started meanwhile and outlives the server', async () => {
    await using folder = await temporaryFolder();
    await using shells = await localShells();
    await shells.openPty(SIZE);
    const emulator = { command: () => ['sh', '-c', 'ls -l /proc/self/fd; exit 3', 'qemu'] };
    const none = { kernel: '', initrd: '', disks: [], memory: null, port: 0, incoming: false };
    const spec = { ...none, cores: 1, memoryMiB: 1, accelerator: EMULATED };
    const machine = startMachine(emulator, spec, folder.path, new AbortController().signal);
    // Of one that ends at once it says what that printed: the first three, and the folder that is listed.
    const error: unknown = await machine.catch((reason: unknown) => reason);
    expect(String(error).match(/\d+ -> .*/g)).toEqual([
      '0 -> /dev/null',
      expect.stringMatching(/^1 -> .*emulator\.log$/),
      expect.stringMatching(/^2 -> .*emulator\.log$/),
      expect.stringMatching(/^3 -> \/proc\//),
    ]);
  });

  it('is in / for a user whose home folder does not exist, as a login is', async () => {
    await using shells = await localShells({ HOME: '/nonexistent' });
    const shell = new PtyReader(await shells.openPty(SIZE));
    shell.enter('echo "at:$PWD:"; exit');
    await shell.ended;
    expect(shell.text).toContain('at:/:');
  });

  it('has nothing that was typed at its end written into a file that is opened then', async () => {
    await using folder = await temporaryFolder();
    await using shells = await localShells();
    const shell = new PtyReader(await shells.openPty(SIZE));
    const go = join(folder.path, 'go');
    shell.enter(`stty -echo; until [ -e ${go} ]; do sleep 0.01; done; exit`);
    await shell.shows('stty');
    // Node.js writes to files in four threads, each of which waits here for somebody to open the other end.
    const pipes = Array.from({ length: 4 }, (_, i) => join(folder.path, `pipe${i}`));
    await execa('mkfifo', pipes);
    const opened = pipes.map((pipe) => open(pipe, 'r'));
    shell.enter('a-secret');
    writeFileSync(go, '');
    // However long its end takes: with the key under way it may not come before the threads are free.
    await Promise.race([shell.ended, wait(1000)]);
    // They have the lowest numbers that are free.
    const files = Array.from({ length: 8 }, (_, i) => openSync(join(folder.path, `file${i}`), 'w+'));
    for (const pipe of pipes) closeSync(openSync(pipe, constants.O_RDWR));
    for (const each of opened) await (await each).close();
    await shell.ended;
    expect(files.map((file) => fstatSync(file).size)).toEqual(files.map(() => 0));
    for (const file of files) closeSync(file);
  });

  it('is ended by whoever lets go of it, as nobody could find it again', async () => {
    await using shells = await localShells();
    const shell = new PtyReader(await shells.openPty(SIZE));
    shell.enter(`trap '' HUP; echo $((40 + 2)); sleep 1003`);
    await shell.shows('42\r\n');
    shell.pty.detach();
    await shell.ended;
    expect(await shell.pty.exited).toBe(137);
    expect(await shells.attachPty(shell.pty.id, 0)).toBeNull();
  });
});

const SSH = { kind: 'ssh', destination: 'learner@desk' } as const;

describe.skipIf(!existsSync('/usr/bin/ssh'))('a shell by ssh', { timeout: 60_000 }, () => {
  it('is one of that machine, of each size that it is given, and gives all that it printed, and its code', async () => {
    await using machine = await sshMachine();
    await using shells = await ownShells(SSH, machine.environment);
    const shell = new PtyReader(await shells.openPty({ columns: 200, rows: 24 }));
    shell.enter('stty size; echo $TERM $((40 + 2))');
    await shell.shows('xterm-256color 42\r\n');
    expect(shell.text).toContain('24 200\r\n');
    await shell.pty.resize({ columns: 101, rows: 33 });
    shell.enter('until [ "$(stty size)" = "33 101" ]; do sleep 0.05; done; echo $((50 + 1))');
    await shell.shows('51\r\n');
    shell.enter(`stty -echo; head -c 200000 /dev/zero | tr '\\0' '\\1'; exit 7`);
    await shell.ended;
    const printed = shell.bytes.reduce((sum, byte) => sum + Number(byte === 1), 0);
    expect([printed, await shell.pty.exited]).toEqual([200_000, 7]);
  });

  it('has no way to the client’s own commands, and is ended there when it is ended here', async () => {
    await using machine = await sshMachine();
    await using shells = await ownShells(SSH, machine.environment);
    const shell = new PtyReader(await shells.openPty(SIZE));
    shell.enter('stty -echo; echo $((40 + 2)); cat');
    await shell.shows('42\r\n');
    for (const escape of ['~C', '~?', '~.']) {
      shell.enter(escape);
      await shell.shows(`${escape}\r\n`);
    }
    expect(shell.text).not.toMatch(/ssh>|escape sequences/);
    const [remote] = machine.open;
    await shell.pty[Symbol.asyncDispose]();
    await shell.ended;
    expect(await remote?.exited).not.toBeNull();
  });

  it('asks the learner nothing: of a machine that whoever runs the server has not accepted it says so', async () => {
    await using machine = await sshMachine(false);
    await using shells = await ownShells(SSH, machine.environment);
    const shell = new PtyReader(await shells.openPty(SIZE));
    await shell.ended;
    expect(shell.text).toContain('Host key verification failed');
    expect(await shell.pty.exited).toBe(255);
  });

  it('says what to install where there is no ssh client', async () => {
    await using bare = await temporaryFolder();
    await mkdir(join(bare.path, 'bin'));
    for (const name of ['bash', 'sh', 'stty']) await symlink(`/bin/${name}`, join(bare.path, 'bin', name));
    await using shells = await ownShells(SSH, { PATH: join(bare.path, 'bin'), HOME: bare.path });
    const shell = new PtyReader(await shells.openPty(SIZE));
    await shell.ended;
    expect(shell.text).toContain('apt install openssh-client');
    expect(await shell.pty.exited).toBe(127);
  });
});
