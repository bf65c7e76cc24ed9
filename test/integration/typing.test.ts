import { describe, expect, it } from 'vitest';
import { Terminal } from '../../server/terminals/terminal.ts';
import { RecordingViewer } from '../support/recording-viewer.ts';
import { ScriptPty } from '../support/script-pty.ts';

async function openBash() {
  const terminal = await Terminal.open({ id: 'host01', host: 'host01', open: async () => new ScriptPty() });
  const viewer = new RecordingViewer(terminal);
  terminal.attach(viewer, 0);
  /** What has been printed, once that includes `text`. */
  const screenWith = async (text: string): Promise<string> => {
    await viewer.until(({ bytes }) => bytes.includes(text));
    return viewer.bytes.toString();
  };
  await screenWith('ready$ ');
  return { terminal, screenWith, [Symbol.asyncDispose]: () => terminal[Symbol.asyncDispose]() };
}

// Real programs take as long as the machine lets them.
// Results are sums, so that the echo of a command cannot be taken for what it prints.
describe('commands typed into a real bash', { timeout: 30_000 }, () => {
  it('are run line by line, loops and here-documents too', async () => {
    await using bash = await openBash();
    await bash.terminal.type('for i in 1 2; do\n  echo "loop $((i + 40))"\ndone\n', { interrupt: false });
    await bash.terminal.type('cat <<END\nhere $((40 + 3)) 行\nEND', { interrupt: false });
    expect(await bash.screenWith('here 43 行')).toContain('loop 41\r\nloop 42\r\n');
  });

  it('wait their turn where one still runs', async () => {
    await using bash = await openBash();
    const commands = ['sleep 0.2', 'echo first $((40 + 4))', 'echo second $((40 + 5))'];
    await Promise.all(commands.map((command) => bash.terminal.type(command, { interrupt: false })));
    expect(await bash.screenWith('second 45')).toContain('first 44');
  });

  it('interrupt what runs', async () => {
    await using bash = await openBash();
    // `exec`: the interrupt must find sleep in the foreground, not bash on its way there.
    await bash.terminal.type(`sh -c 'echo started $((40 + 6)); exec sleep 1000'`, { interrupt: false });
    await bash.screenWith('started 46');
    await bash.terminal.type('echo after $((40 + 7))', { interrupt: true });
    expect(await bash.screenWith('after 47\r\n')).toContain('^C');
  });

  it('are not lost by an interrupt at an empty prompt', async () => {
    await using bash = await openBash();
    for (let round = 1; round <= 2; round++) {
      // Typed and taken back: now the shell is known to read.
      bash.terminal.input(Buffer.from(`@${round}\x7f\x7f`));
      await bash.screenWith(`@${round}`);
      await bash.terminal.type(`echo round $((${round} + 50))`, { interrupt: true });
      expect(await bash.screenWith(`round ${round + 50}\r\n`)).not.toContain('not found');
    }
  });

  it('replace what was half typed at the prompt', async () => {
    await using bash = await openBash();
    bash.terminal.input(Buffer.from('echo half typ'));
    await bash.screenWith('half typ');
    await bash.terminal.type('echo whole $((40 + 8))', { interrupt: true });
    expect(await bash.screenWith('whole 48')).not.toContain('half typecho');
  });

  it('give all of a large output, to the last byte before the exit', async () => {
    await using bash = await openBash();
    await bash.terminal.type('seq 1 200000; echo the last $((40 + 9)); exit 3', { interrupt: false });
    expect(await bash.screenWith('Shell ended (3)')).toContain('\r\n199999\r\n200000\r\nthe last 49');
  });

  it('go on in a new bash where one has been left, by Ctrl-D or by exit', async () => {
    await using bash = await openBash();
    bash.terminal.input(Buffer.from('\x04'));
    await bash.screenWith('Shell ended (0)');
    await bash.terminal.type('echo again $((40 + 10)); exit 5', { interrupt: true });
    expect(await bash.screenWith('Shell ended (5)')).toContain('again 50\r\n');
    bash.terminal.input(Buffer.from('\r'));
    await bash.terminal.type('echo once more $((40 + 11))', { interrupt: false });
    await bash.screenWith('once more 51\r\n');
  });
});
