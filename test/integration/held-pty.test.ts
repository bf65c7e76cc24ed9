import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { localHolders } from '../support/local-holders.ts';
import { describePty } from '../support/pty-contract.ts';
import { PtyReader } from '../support/pty-reader.ts';

const SIZE = { columns: 80, rows: 24 };

describePty('on this machine', localHolders);

describe('a pty holder', { timeout: 30_000 }, () => {
  it('goes on when its client is killed, also in the middle of output', async () => {
    await using host = await localHolders();
    const shell = new PtyReader(await host.openPty(SIZE));
    shell.enter('stty -echo; seq 1 200000; echo $((40 + 2))end');
    await shell.shows('\r\n1000\r\n');
    host.killClient(shell.pty.id);
    await shell.ended;
    expect(shell.error).toBeInstanceOf(Error);
    const pty = await host.attachPty(shell.pty.id, shell.bytes.byteLength);
    if (pty === null) throw new Error('the shell is gone');
    const next = new PtyReader(pty);
    await next.shows('42end');
    const all = Buffer.concat([shell.bytes, next.bytes]).toString();
    const numbers = all.slice(all.indexOf('1\r\n2\r\n'), all.indexOf('42end')).trim().split('\r\n');
    expect(numbers).toEqual(Array.from({ length: 200_000 }, (_, i) => String(i + 1)));
  });

  it('is heard greeting before anybody reads it, who then has all of it', async () => {
    await using host = await localHolders();
    const pty = await host.openPty(SIZE);
    await pty.untilGreeted();
    await pty.untilGreeted();
    expect(pty.isConnected).toBe(true);
    const shell = new PtyReader(pty);
    shell.enter('echo $((40 + 2)); exit');
    await shell.ended;
    expect(shell.text.replace('\u001b[?2004h', '')).toMatch(/^ready\$ /);
    expect(shell.text).toContain('42\r\n');
    expect(pty.isConnected).toBe(false);
  });

  it('takes little memory, and no time while it waits', async () => {
    await using host = await localHolders();
    const shell = new PtyReader(await host.openPty(SIZE));
    shell.enter('echo $((40 + 1))');
    await shell.shows('41\r\n');
    const pid = await host.holder(shell.pty.id);
    expect(await memory(pid)).toBeLessThan(512);
    shell.enter('seq 1 1000000; echo $((40 + 2))end');
    await shell.shows('42end');
    expect(await memory(pid)).toBeLessThan(3 * 1024);
    // Input that nobody reads, and output that nobody takes.
    shell.enter('stty raw -echo; echo $((40 + 3)); sleep 1000');
    await shell.shows('43');
    for (let i = 0; i < 64; i++) shell.pty.write(Buffer.alloc(64 * 1024, 'a\r'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await memory(pid)).toBeLessThan(4 * 1024);
    const before = await ticks(pid);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await ticks(pid)) - before).toBeLessThan(5);
  });

  it('hands on the signals, the mask and the files that a program expects to begin with', async () => {
    await using host = await localHolders();
    const shell = new PtyReader(await host.openPty(SIZE));
    shell.enter(
      `umask; sh -c 'grep -E "^Sig(Blk|Ign)" /proc/self/status; ls /proc/self/fd | wc -l'; echo $((40 + 2))`,
    );
    await shell.shows('42\r\n');
    const text = shell.text.replaceAll('\r', '');
    expect(text).toMatch(/0022\nSigBlk:\t0+\nSigIgn:\t0+\n4\n42\n/);
  });
});

/** KiB of its own that a process has in memory. */
async function memory(pid: number): Promise<number> {
  return Number(/RssAnon:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** Hundredths of a second that a process has run for. */
async function ticks(pid: number): Promise<number> {
  const [, , ...fields] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
