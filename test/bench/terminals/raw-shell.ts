import { spawn } from '@lydell/node-pty';
import { Received, type BenchShell } from './shell.ts';

/** A shell on a pty that this process reads itself: the least that any way to a terminal takes. */
export function openRawShell(): BenchShell {
  const received = new Received();
  const pty = spawn('bash', ['--norc', '--noprofile'], { cols: 80, rows: 24, encoding: null });
  // Typed as text, but without an encoding they are bytes.
  pty.onData((data) => received.add(data.length));
  const exited = new Promise<void>((resolve) => pty.onExit(() => resolve()));
  return {
    get received() {
      return received.bytes;
    },
    type: (keys) => pty.write(keys),
    untilReceived: (bytes) => received.until(bytes),
    async [Symbol.asyncDispose]() {
      pty.kill('SIGKILL');
      await exited;
    },
  };
}
