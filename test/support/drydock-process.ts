import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '../..');

/** A running Drydock. Disposing it stops it as an operator does, and fails where that does not end well. */
export interface DrydockProcess extends AsyncDisposable {
  readonly url: string;
  /** Its exit code, or the signal that ended it, once it has ended, by whatever that was. */
  readonly ended: Promise<string>;
  /** Ends the server at once and without a word, as when its machine has no memory left; what it runs on is spared. */
  readonly kill: () => Promise<void>;
}

export type StartOptions = {
  /** A clone of the project; this one unless told. */
  folder?: string;
  environment?: Readonly<Record<string, string>>;
  /** The page's port; a free one unless told. */
  port?: number;
  /** Ends a start that takes too long; without effect on a Drydock that runs. */
  signal?: AbortSignal;
  /** Told the page's link as soon as it can be opened, before labs can be started. */
  onOpen?: (url: string) => void;
  /** Told each line that it prints. */
  onLine?: (line: string) => void;
};

/** `npm start` on a free port, up to the link that it ends with. Where it fails, nothing of it goes on. */
export async function startDrydock(options: StartOptions = {}): Promise<DrydockProcess> {
  const { folder = ROOT, environment = {}, port = 0 } = options;
  const child = spawn('npm', ['start'], {
    cwd: folder,
    env: { ...process.env, ...environment, DRYDOCK_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit').then(([code, signal]) => String(code ?? signal), String);
  let printed = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }
  const closed = once(child, 'close').catch(() => undefined);
  const stop = async () => {
    child.kill('SIGTERM');
    const result = await ended;
    // What it said last may still be on its way; what it has left behind may hold its outputs open for ever.
    await Promise.race([closed, sleep(1_000, undefined, { ref: false })]);
    return result;
  };
  try {
    const url = await readLink(child.stdout, options);
    return {
      url,
      ended,
      async kill() {
        for (const pid of await serversBelow(child.pid)) process.kill(pid, 'SIGKILL');
        await ended;
      },
      async [Symbol.asyncDispose]() {
        const result = await stop();
        if (result !== '0') throw new Error(`Drydock did not end well (${result}).\n${printed}`);
      },
    };
  } catch (error) {
    const result = await stop();
    throw new Error(`Drydock did not start (${result}).\n${printed}`, { cause: error });
  }
}

async function readLink(output: Readable, { signal, onOpen, onLine }: StartOptions): Promise<string> {
  const lines = createInterface({ input: output, ...(signal === undefined ? {} : { signal }) });
  for await (const line of lines) {
    onLine?.(line);
    const opened = /^Open (http\S+)/.exec(line)?.[1];
    if (opened !== undefined) onOpen?.(opened);
    const url = /^Drydock is ready: (http\S+)$/.exec(line)?.[1];
    if (url === undefined) continue;
    lines.close();
    // It goes on to print, and must not have to wait for a reader.
    output.resume();
    return url;
  }
  signal?.throwIfAborted();
  throw new Error('Its output ended before it was ready.');
}

/** The servers among the processes that a process has started, by their numbers. */
async function serversBelow(pid: number | undefined): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const found = children.split(' ').filter(Boolean).map(Number);
  const below = await Promise.all(found.map(serversBelow));
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return [...(/server\/main\.ts/.test(command) && pid !== undefined ? [pid] : []), ...below.flat()];
}
