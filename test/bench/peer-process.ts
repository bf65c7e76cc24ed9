import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

const ANSWER_MS = 60_000;
/** From letting go of it to its end. */
const GRACE_MS = 20_000;
const COLLECT = 'collect';

/** A server in a process of its own, so that what is measured is not what measures. */
export interface PeerProcess extends AsyncDisposable {
  readonly url: string;
  /** Memory that it holds, in MiB, once it has thrown away what it no longer needs. */
  memory(): Promise<number>;
  /** Its answer to a word that `servePeer` was given there. */
  ask(word: string): Promise<unknown>;
}

/** Start a module that listens and then calls `servePeer`. */
export async function startPeer(module: string, words: readonly string[] = []): Promise<PeerProcess> {
  const child = fork(module, words, {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const said = async (): Promise<unknown> => {
    const answer = once(child, 'message', { signal: AbortSignal.timeout(ANSWER_MS) });
    const [message] = await Promise.race([answer, exited.then(() => [undefined])]);
    if (message === undefined) throw new Error(`${module} has ended.`);
    return message;
  };
  const ask = async (word: string): Promise<unknown> => {
    child.send(word);
    return said();
  };
  const url = await said();
  if (typeof url !== 'string') throw new TypeError(`${module} sent no address.`);
  return {
    url,
    async memory() {
      await ask(COLLECT);
      return residentMiB(child);
    },
    ask,
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/**
 * In such a process: tell the address, and answer until whoever has started it lets go of it, or ends.
 *
 * @param words what else can be asked
 */
export async function servePeer(url: string, words: Record<string, () => unknown> = {}): Promise<void> {
  const answers: Record<string, () => unknown> = { ...words, [COLLECT]: collect };
  process.on('message', (word) => {
    const answer = answers[String(word)];
    if (answer === undefined) throw new Error(`Nobody here knows ${String(word)}.`);
    process.send?.(answer());
  });
  process.send?.(url);
  await once(process, 'disconnect');
}

/** An ordinary collection leaves V8 the room that new objects had, which grows by 32 MiB with any traffic. */
function collect(): string {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  return 'collected';
}

async function residentMiB({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}
