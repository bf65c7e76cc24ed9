import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '../..');

/** A running Drydock. Disposing it stops it as an operator does. */
export interface DrydockProcess extends AsyncDisposable {
  readonly url: string;
}

export type StartOptions = {
  /** A clone of the project; this one unless told. */
  folder?: string;
  environment?: Readonly<Record<string, string>>;
  /** Told each line that it prints. */
  onLine?: (line: string) => void;
};

/** `npm start` on a free port, up to the link that it ends with. */
export async function startDrydock(options: StartOptions = {}): Promise<DrydockProcess> {
  const { folder = ROOT, environment = {}, onLine } = options;
  const child = spawn('npm', ['start'], {
    cwd: folder,
    env: { ...process.env, ...environment, DRYDOCK_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  for await (const line of createInterface({ input: child.stdout })) {
    printed += `${line}\n`;
    onLine?.(line);
    const url = /^Drydock is ready: (http\S+)$/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return {
      url,
      async [Symbol.asyncDispose]() {
        child.kill('SIGTERM');
        await ended;
      },
    };
  }
  await ended;
  throw new Error(`Drydock ended before it was ready.\n${printed}`);
}
