import { describe, expect, it } from 'vitest';
import { startDrydock, type StartOptions } from '../../support/drydock-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const READY = "console.log('Drydock is ready: http://127.0.0.1:7');";
const STAY = 'const stay = setInterval(() => {}, 1000);';

/** A project whose `npm start` is this program. */
async function project(program: string) {
  const folder = await temporaryFolder();
  const scripts = { start: `exec '${process.execPath}' start.cjs` };
  await folder.write('package.json', JSON.stringify({ name: 'stand-in', scripts }));
  await folder.write('start.cjs', program);
  return {
    start: (options: StartOptions = {}) => startDrydock({ folder: folder.path, ...options }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

// Each runs npm.
describe('a Drydock under test', { timeout: 60_000 }, () => {
  it('is stopped in good order, however much it has printed', async () => {
    const prints = "console.log('x'.repeat(1_000_000));";
    await using here = await project(
      `process.on('SIGTERM', () => process.exit(0)); ${READY} ${prints} ${STAY}`,
    );
    await using drydock = await here.start();
    expect(drydock.url).toBe('http://127.0.0.1:7');
  });

  it('tells of its page before it is ready', async () => {
    const open = "console.log('Open http://127.0.0.1:7 already');";
    await using here = await project(
      `process.on('SIGTERM', () => process.exit(0)); ${open} ${READY} ${STAY}`,
    );
    const opened: string[] = [];
    await using drydock = await here.start({ onOpen: (url) => opened.push(url) });
    expect(opened).toEqual([drydock.url]);
  });

  it('fails where it does not end well, with what it printed', async () => {
    const complain = "console.log('a host is left'); process.exitCode = 3; clearInterval(stay);";
    await using here = await project(`process.on('SIGTERM', () => { ${complain} }); ${READY} ${STAY}`);
    const drydock = await here.start();
    await expect(drydock[Symbol.asyncDispose]()).rejects.toThrow(/did not end well \(3\)[^]*a host is left/);
  });

  it('fails where it ends before it is ready, with what it printed', async () => {
    await using here = await project("console.error('no space left'); process.exitCode = 1;");
    await expect(here.start()).rejects.toThrow(/did not start \(1\)[^]*no space left/);
  });

  it.each([
    ['takes too long', true],
    ['is watched by something that fails', false],
  ])('does not go on where its start %s', async (_, tooLong) => {
    await using here = await project(`console.log('number', process.pid); ${STAY}`);
    const stop = new AbortController();
    let pid = 0;
    const onLine = (line: string) => {
      if (!line.startsWith('number ')) return;
      pid = Number(line.slice('number '.length));
      if (!tooLong) throw new Error('no more');
      stop.abort(new Error('too long'));
    };
    await expect(here.start({ signal: stop.signal, onLine })).rejects.toThrow('did not start');
    expect(pid).toBeGreaterThan(0);
    expect(isAlive(pid)).toBe(false);
  });
});
