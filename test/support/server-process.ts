import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Signal } from './signal.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A server as a process that can be killed at any moment of its life. Disposing it kills it, if it still runs. */
export interface ServerProcess extends AsyncDisposable {
  /** The first match of a pattern in a line that it has printed, or will. Rejects where it ends without. */
  until(pattern: RegExp): Promise<string>;
  /** Ask it to end, as an operator does; resolves with the code that it ends with. */
  stop(): Promise<number | null>;
  /** End it at once and without a word, as when its machine has no memory left. */
  kill(): Promise<void>;
  /** The code that it ends with; null where it is killed. */
  readonly exited: Promise<number | null>;
  readonly said: () => string;
}

/**
 * Start `up`, without waiting for anything.
 *
 * @param project a copy of the project; this one unless told
 */
export function launchServer(
  environment: Readonly<Record<string, string>> = {},
  project: string = ROOT,
): ServerProcess {
  const child = spawn(process.execPath, [join(project, 'server/main.ts'), 'up'], {
    env: { ...process.env, DRYDOCK_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: string[] = [];
  const changed = new Signal();
  let ended = false;
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => {
      printed.push(line);
      changed.notify();
    });
  }
  const exited = once(child, 'close').then(([code]) => {
    ended = true;
    changed.notify();
    return typeof code === 'number' ? code : null;
  });
  const said = () => printed.join('\n');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    async until(pattern) {
      const match = () => pattern.exec(said());
      await changed.until(() => ended || match() !== null);
      const found = match();
      if (found === null) throw new Error(`It ended without having said ${pattern}.\n${said()}`);
      return found[1] ?? found[0];
    },
    async stop() {
      child.kill('SIGTERM');
      return exited;
    },
    kill,
    exited,
    said,
    [Symbol.asyncDispose]: kill,
  };
}
