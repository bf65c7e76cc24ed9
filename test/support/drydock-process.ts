import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '../..');

/** A running Drydock. Disposing it stops it as an operator does, and fails where that does not end well. */
export interface DrydockProcess extends AsyncDisposable {
  readonly url: string;
}

export type StartOptions = {
  /** A clone of the project; this one unless told. */
  folder?: string;
  environment?: Readonly<Record<string, string>>;
  /** Ends a start that takes too long; without effect on a Drydock that runs. */
  signal?: AbortSignal;
  /** Told the page's link as soon as it can be opened, before labs can be started. */
  onOpen?: (url: string) => void;
  /** Told each line that it prints. */
  onLine?: (line: string) => void;
};

/** `npm start` on a free port, up to the link that it ends with. Where it fails, nothing of it goes on. */
export async function startDrydock(options: StartOptions = {}): Promise<DrydockProcess> {
  const { folder = ROOT, environment = {} } = options;
  const child = spawn('npm', ['start'], {
    cwd: folder,
    env: { ...process.env, ...environment, DRYDOCK_PORT: '0' },
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
