import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../server/clusters/cluster.ts';
import { OUTPUT_WINDOW } from '../../server/clusters/held-pty.ts';
import { PtyReader } from './pty-reader.ts';

/** What opens shells; each is a bash. */
export interface ShellHost extends Pick<Host, 'openPty' | 'attachPty'> {
  /** Where holders keep a file for each shell, named after its id; null where shells have no holder. */
  readonly folder: string | null;
}

const SIZE = { columns: 200, rows: 24 };

/**
 * What every shell has to keep, and one that is `held` besides: its holder outlives its connection. `runs`: how often an
 * end is tried for its last bytes.
 */
export function describePty(
  name: string,
  start: () => Promise<ShellHost & AsyncDisposable>,
  { held = true, runs = 50 }: { held?: boolean; runs?: number } = {},
): void {
  const itHeld: (behaviour: string, test: () => Promise<void>) => void = held ? it : () => undefined;
  describe(`a shell, ${name}`, { timeout: 60_000 }, () => {
    const owned = new AsyncDisposableStack();
    let host: ShellHost;

    beforeAll(async () => {
      host = owned.use(await start());
    }, 300_000);
    afterAll(() => owned.disposeAsync());

    const open = async () => new PtyReader(await host.openPty(SIZE));
    const attach = async (id: string, since: number) => {
      const pty = await host.attachPty(id, since);
      if (pty === null) throw new Error(`the shell ${id} is gone`);
      return new PtyReader(pty);
    };
    /** What a command prints, run in a shell of its own. */
    const run = async (command: string): Promise<string> => {
      const shell = await open();
      shell.enter(`stty -echo; echo '<''<<'; ${command}; echo '>''>>'; exit`);
      await shell.ended;
      return /<<<([^]*)>>>/.exec(shell.text.replaceAll('\r', ''))?.[1]?.trim() ?? '';
    };
    /** Waits on the host until a condition of bash's holds. */
    const until = (condition: string) => run(`until ${condition}; do sleep 0.05; done`);
    /** Waits until nothing of a shell is left on its host: no holder, no client, no file. */
    const untilGone = async (id: string) =>
      held &&
      until(
        `! grep -lq '[${id[0]}]${id.slice(1)}' /proc/[0-9]*/cmdline 2>/dev/null && ! ls ${host.folder}/${id}*`,
      );

    it('never loses the end of what it prints', async () => {
      for (let i = 0; i < runs; i++) {
        const shell = await open();
        shell.enter(`stty -echo; head -c 200000 /dev/zero | tr '\\0' '\\1'; exit 7`);
        await shell.ended;
        const printed = shell.bytes.reduce((sum, byte) => sum + Number(byte === 1), 0);
        expect([printed, await shell.pty.exited, shell.error]).toEqual([200_000, 7, undefined]);
      }
    }, 300_000);

    it('tells how it ended, also where a signal ended it', async () => {
      const shell = await open();
      shell.enter('kill -9 $$');
      await shell.ended;
      expect(await shell.pty.exited).toBe(137);
      await untilGone(shell.pty.id);
    });

    it('is on a terminal of the size asked for, and of each size that it is given later', async () => {
      const shell = await open();
      shell.enter('stty size; tty; echo $TERM $((40 + 2))');
      await shell.shows('xterm-256color 42');
      expect(shell.text).toMatch(/24 200\r\n\/dev\/pts\/\d+\r\n/);
      await shell.pty.resize({ columns: 101, rows: 33 });
      shell.enter('stty size; echo $((50 + 1))');
      await shell.shows('51\r\n');
      expect(shell.text).toContain('33 101\r\n');
      await shell.pty[Symbol.asyncDispose]();
    });

    itHeld(
      'runs on without a client, and gives the next one exactly the bytes from where it asks',
      async () => {
        const shell = await open();
        shell.enter(`stty -echo; seq 1 30000; echo '主机就绪' $((40 + 2))`);
        await shell.shows('2000\r\n');
        shell.pty.detach();
        await shell.ended;
        const first = shell.bytes;
        const second = await attach(shell.pty.id, first.byteLength);
        await second.shows('就绪 42');
        expect(second.pty.from).toBe(first.byteLength);
        second.pty.detach();
        await second.ended;
        const all = Buffer.concat([first, second.bytes]);
        const place = all.lastIndexOf('主机');
        // Also from inside of a character.
        for (const since of [0, 1, place, place + 1, place + 2, place + 3, all.byteLength]) {
          const again = await attach(shell.pty.id, since);
          if (since < all.byteLength) await again.shows('42');
          again.pty.detach();
          await again.ended;
          expect(again.pty.from).toBe(since);
          expect(again.pty.printed).toBeGreaterThanOrEqual(all.byteLength);
          // It may have printed its prompt since.
          const expected = all.subarray(since);
          const seen = again.bytes.subarray(0, expected.byteLength);
          expect(seen.equals(expected.subarray(0, seen.byteLength))).toBe(true);
          expect(seen.includes('42') || since === all.byteLength).toBe(true);
        }
        await (await attach(shell.pty.id, 0)).pty[Symbol.asyncDispose]();
      },
    );

    itHeld('keeps the newest 2 MiB for who comes later, and tells from which byte on', async () => {
      const done = `/tmp/drydock-${randomUUID()}`;
      const shell = await open();
      shell.enter(`stty -echo; echo $((40 + 1)); sleep 0.3; seq 1 500000; echo end; touch ${done}`);
      await shell.shows('41');
      shell.pty.detach();
      await until(`[ -e ${done} ]`);
      await run(`rm ${done}`);
      const late = await attach(shell.pty.id, 10);
      await late.shows('\r\nend');
      expect(late.pty.from).toBeGreaterThan(1_000_000);
      const kept = late.text.slice(0, late.text.indexOf('\r\nend'));
      expect(kept.length).toBeGreaterThan(2 * 2 ** 20 - 4_096);
      expect(late.pty.printed).toBeGreaterThan(late.pty.from + kept.length);
      const numbers = kept.split('\r\n').slice(1).map(Number);
      expect(numbers.at(-1)).toBe(500_000);
      expect(numbers.every((number, i) => number === (numbers[0] ?? 0) + i)).toBe(true);
      await late.pty[Symbol.asyncDispose]();
    });

    itHeld('keeps its exit code and its last words until somebody has seen them, and no longer', async () => {
      const shell = await open();
      shell.enter('stty -echo; echo $((40 + 1)); sleep 0.3; echo last $((40 + 2)); exit 5');
      await shell.shows('41');
      shell.pty.detach();
      await shell.ended;
      await run('sleep 0.6');
      const late = await attach(shell.pty.id, shell.bytes.byteLength);
      await late.ended;
      expect(late.text).toMatch(/^last 42\r\n(exit|logout)\r\n$/);
      expect(await late.pty.exited).toBe(5);
      await untilGone(shell.pty.id);
      expect(await host.attachPty(shell.pty.id, 0)).toBeNull();
    });

    it('is held back by a client that does not read, and hears Ctrl-C all the same', async () => {
      const pty = await host.openPty(SIZE);
      pty.write(Buffer.from('yes\r'));
      await new Promise((resolve) => setTimeout(resolve, 500));
      pty.write(Buffer.from('\x03'));
      await new Promise((resolve) => setTimeout(resolve, 200));
      const shell = new PtyReader(pty);
      shell.enter('echo $((40 + 2))');
      await shell.shows('42\r\n');
      // Ahead: a window; and what the kernel's terminal holds.
      expect(shell.bytes.byteLength).toBeLessThan(OUTPUT_WINDOW + 128 * 1024);
      await pty[Symbol.asyncDispose]();
    });

    itHeld(
      'belongs to its newest client: the one before it is told that it is no more connected',
      async () => {
        const shell = await open();
        shell.enter('echo $((40 + 1))');
        await shell.shows('41\r\n');
        const next = await attach(shell.pty.id, 0);
        await shell.ended;
        expect(shell.error).toBeInstanceOf(Error);
        expect(await shell.pty.exited).toBeNull();
        next.enter('echo $((40 + 2))');
        await next.shows('42\r\n');
        // The older one broke off without an end: it may still hang up.
        await shell.pty[Symbol.asyncDispose]();
        await untilGone(shell.pty.id);
      },
    );

    it('ends when it is disposed of, with what runs in it, and leaves nothing behind', async () => {
      const shell = await open();
      shell.enter('sleep 1000 & echo $((40 + 2)); sleep 1001');
      await shell.shows('42\r\n');
      await shell.pty[Symbol.asyncDispose]();
      await shell.ended;
      expect(shell.error).toBeUndefined();
      expect(await shell.pty.exited).toBe(129);
      await untilGone(shell.pty.id);
    });

    it('is killed where it ignores being hung up', async () => {
      const shell = await open();
      shell.enter(`trap '' HUP; echo "pid=$$;"; sleep 1002`);
      await shell.shows(';\r\n');
      const pid = /pid=(\d+);/.exec(shell.text)?.[1];
      await shell.pty[Symbol.asyncDispose]();
      await shell.ended;
      expect(await shell.pty.exited).toBe(137);
      await untilGone(shell.pty.id);
      expect(await run(`test -e /proc/${pid} || echo gone; ps ax | grep -c '[s]leep 1002'`)).toBe('gone\n0');
    });

    it('drops what is typed faster than a program reads, and can still be ended', async () => {
      const shell = await open();
      shell.enter('stty raw -echo; echo $((40 + 2)); sleep 1000');
      await shell.shows('42');
      for (let i = 0; i < 100; i++) shell.pty.write(Buffer.alloc(64 * 1024, 'a\r'));
      await shell.pty.resize({ columns: 99, rows: 9 });
      await shell.pty[Symbol.asyncDispose]();
      await shell.ended;
      expect(shell.error).toBeUndefined();
      await untilGone(shell.pty.id);
    });

    it('takes a paste of many lines whole', async () => {
      const shell = await open();
      shell.enter('stty -echo; PS1=; cat | cksum');
      const text = Array.from({ length: 5_000 }, (_, i) => `line ${i} 行\n`).join('');
      shell.pty.write(Buffer.from(text));
      shell.pty.write(Buffer.from('\x04'));
      await shell.shows(` ${Buffer.byteLength(text)}\r\n`);
      expect(shell.over).toBe(false);
      await shell.pty[Symbol.asyncDispose]();
    });

    it('takes a size and keys after its end, which change nothing', async () => {
      const shell = await open();
      shell.enter('exit 3');
      await shell.ended;
      await shell.pty.resize({ columns: 90, rows: 20 });
      shell.enter('echo late');
      await shell.pty[Symbol.asyncDispose]();
      expect(await shell.pty.exited).toBe(3);
    });

    it('is not opened for one who no longer wants it', async () => {
      await expect(host.openPty(SIZE, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    });
  });
}
