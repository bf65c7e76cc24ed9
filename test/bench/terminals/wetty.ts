import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { io } from 'socket.io-client';
import { cachedFolder } from '../../../server/engines/cached-folder.ts';
import { freePort } from '../../../server/engines/embedded/free-port.ts';
import { runProgram } from '../../../server/engines/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { Received, type BenchShell } from './shell.ts';

/** The peer that is compared with: alive, of the same language, and with the same libraries below it. */
const VERSION = '3.2.0';
const PTY = 'npm:@lydell/node-pty@1.1.0';
const CACHE = join(import.meta.dirname, '../../../node_modules/.cache/drydock');
const INSTALL_LIMIT_MS = 300_000;
/** As its page does it. */
const COMMIT = 262_144;

/** A wetty server in a process of its own. */
export interface Wetty extends AsyncDisposable {
  /** A shell that is there as soon as it is connected to. */
  shell(): Promise<BenchShell>;
}

/** Start wetty, which is installed beside the built page where it is not there yet. */
export async function startWetty(): Promise<Wetty> {
  const signal = AbortSignal.timeout(INSTALL_LIMIT_MS);
  const installed = await cachedFolder(CACHE, 'wetty', [VERSION, PTY], install, signal);
  await using owned = new AsyncDisposableStack();
  const folder = owned.use(await temporaryFolder());
  // What it runs must not read the profile of whoever measures.
  const shell = await folder.write('shell', '#!/bin/sh\nexec bash --norc --noprofile\n', 0o755);
  const port = await freePort();
  // It ends with this process, unless that is killed.
  const server = execa(
    process.execPath,
    [
      join(installed, 'node_modules/wetty/build/main.js'),
      ...['--host', '127.0.0.1', '--port', `${port}`, '--command', shell, '--log-level', 'error'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], reject: false },
  );
  owned.defer(async () => {
    server.kill('SIGTERM');
    await server;
  });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(url);
  const held = owned.move();
  return {
    shell: () => openShell(url),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Over the pty library that Drydock has, too. */
async function install(folder: string): Promise<void> {
  const project = { private: true, dependencies: { wetty: VERSION }, overrides: { 'node-pty': PTY } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(project));
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  await runProgram('npm', ['install', '--prefix', folder, ...options], {
    signal: AbortSignal.timeout(INSTALL_LIMIT_MS),
  });
}

async function untilAnswers(url: string): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  while (!signal.aborted) {
    const answer = await fetch(url, { signal }).catch(() => null);
    if (answer !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('wetty did not answer within 30 s.');
}

async function openShell(url: string): Promise<BenchShell> {
  const socket = io(url, { path: '/socket.io', transports: ['websocket'], forceNew: true });
  const received = new Received();
  let uncommitted = 0;
  socket.on('data', (data: string) => {
    uncommitted += data.length;
    if (uncommitted >= COMMIT) {
      uncommitted -= COMMIT;
      socket.emit('commit', COMMIT);
    }
    // What is printed here is ASCII.
    received.add(data.length);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('login', () => resolve());
    socket.once('connect_error', reject);
  });
  socket.emit('resize', { cols: 80, rows: 24 });
  return {
    get received() {
      return received.bytes;
    },
    type: (keys) => void socket.emit('input', keys),
    untilReceived: (bytes) => received.until(bytes),
    async [Symbol.asyncDispose]() {
      socket.disconnect();
    },
  };
}
