import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { PtySize } from '../../server/clusters/cluster.ts';
import { HeldPty } from '../../server/clusters/held-pty.ts';
import { runProgram } from '../../server/engines/run-program.ts';
import { LAB_HOST } from '../../server/images/lab-host.ts';
import { compileProgram, connectProgram } from './local-program.ts';
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
  openPty(size: PtySize, signal?: AbortSignal): Promise<HeldPty>;
  /** End a shell's client as the kernel would, without a word. */
  killClient(id: string): void;
  /** The process that holds a shell. */
  holder(id: string): Promise<number>;
}

export async function localHolders(): Promise<LocalHolders> {
  await using owned = new AsyncDisposableStack();
  const folder = owned.use(await temporaryFolder());
  const source = join(LAB_HOST.context, 'drydock-pty.c');
  const program = await compileProgram(source, folder.path, [`-DFOLDER="${folder.path}"`]);
  const clients = new Map<string, ReturnType<typeof connectProgram>>();
  const opened = new Set<string>();

  const attach = async (id: string, since: number, words: readonly string[], signal?: AbortSignal) => {
    const client = connectProgram(program, words);
    clients.set(id, client);
    return HeldPty.attach(client.connection, since, {
      id,
      reconnect: async () => connectProgram(program, ['attach', id]).connection,
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
