import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Pty } from '../../server/clusters/cluster.ts';

/** A real bash on a real terminal of this machine, by util-linux's `script`; its size cannot be changed. */
export class ScriptPty implements Pty {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly id = 'script';
  readonly from = 0;
  readonly printed = 0;
  readonly output: AsyncIterable<Uint8Array>;
  readonly exited: Promise<number | null>;

  constructor() {
    this.#child = spawn(
      'script',
      ['-qec', "exec env PS1='ready$ ' bash --norc --noprofile -i", '/dev/null'],
      {
        stdio: ['pipe', 'pipe', 'ignore'],
        env: { ...process.env, TERM: 'xterm-256color', HISTFILE: '' },
      },
    );
    this.output = this.#child.stdout;
    this.exited = once(this.#child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  }

  write(data: Uint8Array): void {
    this.#child.stdin.write(data);
  }

  async resize(): Promise<void> {}

  detach(): void {
    this.#child.stdout.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }
}
