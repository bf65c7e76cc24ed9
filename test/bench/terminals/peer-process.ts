import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

/** A server in a process of its own, so that what is measured is not what measures. */
export interface PeerProcess extends AsyncDisposable {
  readonly url: string;
  /** Memory that it holds, in MiB. */
  memory(): Promise<number>;
  /** The same, once it has thrown away what it no longer needs. */
  memoryInUse(): Promise<number>;
  /** Its answer to a word. */
  ask(word: string): Promise<unknown>;
}

/** Start a module that sends its address once it listens, and ends when it is let go of. */
export async function startPeer(module: string, words: readonly string[] = []): Promise<PeerProcess> {
  const child = fork(module, words, {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [url] = await once(child, 'message', { signal: AbortSignal.timeout(60_000) });
  if (typeof url !== 'string') throw new TypeError(`${module} sent no address.`);
  const ask = async (word: string): Promise<unknown> => {
    const answer = once(child, 'message');
    child.send(word);
    const [said] = await answer;
    return said;
  };
  return {
    url,
    memory: () => residentMiB(child),
    async memoryInUse() {
      await ask('collect');
      return residentMiB(child);
    },
    ask,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

async function residentMiB({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}
