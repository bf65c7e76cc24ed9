import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import type { PtySize } from '../../server/clusters/cluster.ts';
import { HeldPty } from '../../server/clusters/held-pty.ts';
import { readConfig } from '../../server/config.ts';
import { runProgram } from '../../server/engines/run-program.ts';
import { ensureSystemPrograms } from '../../server/engines/system-packages.ts';
import { LAB_HOST } from '../../server/images/lab-host.ts';
import type { ShellHost } from './pty-contract.ts';
import { temporaryFolder } from './temporary-folder.ts';

const SHELL = [
  'env',
  'PS1=ready$ ',
  'HISTFILE=',
  'TERM=xterm-256color',
  'LC_ALL=C.UTF-8',
  'bash',
  '--norc',
  '--noprofile',
];

/** Shells of this machine with the pty holder of lab hosts, compiled for it; each client is a process of its own. */
export interface LocalHolders extends ShellHost, AsyncDisposable {
  /** End a shell's client as the kernel would, without a word. */
  killClient(id: string): void;
  /** The process that holds a shell. */
  holder(id: string): Promise<number>;
}

export async function localHolders(): Promise<LocalHolders> {
  await using owned = new AsyncDisposableStack();
  const folder = owned.use(await temporaryFolder());
  const program = join(folder.path, 'drydock-pty');
  await compile(join(LAB_HOST.context, 'drydock-pty.c'), program, folder.path);
  const clients = new Map<string, ReturnType<typeof connect>>();
  const opened = new Set<string>();

  const attach = async (id: string, since: number, words: readonly string[], signal?: AbortSignal) => {
    const client = connect(program, words);
    clients.set(id, client);
    return HeldPty.attach(client.connection, since, {
      id,
      reconnect: async () => connect(program, ['attach', id]).connection,
      ...(signal && { signal }),
    });
  };
  const holders: Omit<LocalHolders, typeof Symbol.asyncDispose> = {
    folder: folder.path,
    async openPty({ columns, rows }: PtySize, signal) {
      const id = randomUUID();
      opened.add(id);
      const pty = await attach(id, 0, ['open', id, String(columns), String(rows), ...SHELL], signal);
      if (pty === null) throw new Error('a shell was gone before it was seen');
      return pty;
    },
    attachPty: (id, since, signal) => attach(id, since, ['attach', id], signal),
    killClient: (id) => void clients.get(id)?.kill(),
    async holder(id) {
      const client = clients.get(id)?.pid;
      const found = await runProgram('pgrep', ['-f', `drydock-pty open ${id}`]);
      return Number(found.split('\n').find((pid) => Number(pid) !== client));
    },
  };
  owned.defer(async () => {
    for (const id of opened) await (await holders.attachPty(id, 0))?.[Symbol.asyncDispose]();
  });
  const all = owned.move();
  return { ...holders, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** With the machine's compiler, or else the one that the image of the hosts is built with. */
async function compile(source: string, program: string, folder: string): Promise<void> {
  // gencat stands for the C library's headers, which bring no program.
  const programs = { cc: 'tcc', gencat: 'libc6-dev' };
  await ensureSystemPrograms(programs, {
    setup: readConfig(process.env).setup,
    isRoot: process.getuid?.() === 0,
    announce: (message) => process.stdout.write(`${message}\n`),
    onLine: () => undefined,
  });
  await runProgram('cc', ['-Wall', source, '-o', program, `-DFOLDER="${folder}"`]);
}

function connect(program: string, words: readonly string[]) {
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  for (const stream of [child.stdin, child.stdout]) stream.on('error', () => undefined);
  const connection = Duplex.from({ readable: child.stdout, writable: child.stdin });
  connection.on('error', () => undefined);
  connection.once('close', () => {
    child.stdin.destroy();
    child.stdout.destroy();
  });
  return { connection, pid: child.pid, kill: () => child.kill('SIGKILL') };
}
