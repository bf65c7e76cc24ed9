import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { sizeOf, useTerminal } from '../../../server/cli/raw-terminal.ts';
import { FakePty } from '../../support/fake-pty.ts';
import { settled } from '../../support/settled.ts';

const NEVER = new AbortController().signal;

/** A terminal in memory, and whether its keys come raw. */
function terminal({ isTTY = true } = {}) {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: (raw: boolean) => modes.push(raw) });
  const output = Object.assign(new PassThrough(), { columns: 100, rows: 30 });
  return { input, output, modes };
}

describe('a local terminal', () => {
  it('gives its keys to the shell and shows what that prints, until the shell ends with its code', async () => {
    const here = terminal();
    const pty = new FakePty();
    const used = useTerminal(pty, here, NEVER);
    here.input.write('exit 7\r');
    pty.print('bye\r\n');
    await settled();
    expect([pty.typed, here.modes]).toEqual(['exit 7\r', [true]]);
    pty.end(7);
    expect(await used).toBe(7);
    here.output.end();
    expect([await text(here.output), here.modes, here.input.isPaused()]).toEqual([
      'bye\r\n',
      [true, false],
      true,
    ]);
  });

  it('hands on Ctrl-C as a key, and every change of size', async () => {
    const here = terminal();
    const pty = new FakePty();
    const used = useTerminal(pty, here, NEVER);
    here.input.write('\u0003');
    here.output.columns = 120;
    here.output.emit('resize');
    await settled();
    expect([pty.typed, pty.sizes]).toEqual(['\u0003', [{ columns: 120, rows: 30 }]]);
    pty.end(0);
    await used;
    here.output.emit('resize');
    expect(pty.sizes).toHaveLength(1);
  });

  it('is as it was when the shell breaks off, and when it is no longer wanted', async () => {
    const broken = terminal();
    const pty = new FakePty();
    const used = useTerminal(pty, broken, NEVER);
    pty.breakOff(new Error('the engine has gone'));
    await expect(used).rejects.toThrow('the engine has gone');
    expect(broken.modes).toEqual([true, false]);

    const unwanted = terminal();
    const stop = new AbortController();
    const stopped = useTerminal(new FakePty(), unwanted, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(stopped).rejects.toThrow('stopped');
    expect([unwanted.modes, unwanted.input.isPaused()]).toEqual([[true, false], true]);
  });

  it('that is a pipe ends the shell when it ends, and is of the usual size where it has none', async () => {
    const here = terminal({ isTTY: false });
    const pty = new FakePty();
    const used = useTerminal(pty, here, NEVER);
    here.input.end('docker info\n');
    await settled();
    await settled();
    expect([pty.typed, here.modes]).toEqual(['docker info\n\u0004', []]);
    pty.end(0);
    expect(await used).toBe(0);
    expect(sizeOf({ input: here.input, output: new PassThrough() })).toEqual({ columns: 80, rows: 24 });
  });
});
