import { once } from 'node:events';
import type Docker from 'dockerode';
import type { Pty, PtySize } from './cluster.ts';
import { startExec } from './exec-stream.ts';

/** Bytes of input that may wait for a program to read them. */
const INPUT_LIMIT = 2 ** 20;

const ENVIRONMENT = ['TERM=xterm-256color', 'COLORTERM=truecolor', 'LANG=C.UTF-8'];

/**
 * Open a login shell in a host. The engine's API can neither end a command nor tell its number inside the
 * host, so the shell's first act is to leave that number where disposing the terminal finds it.
 */
export async function openDockerPty(
  container: Docker.Container,
  size: PtySize,
  id: string,
  signal?: AbortSignal,
): Promise<Pty> {
  const file = `/run/drydock-${id}.pid`;
  const { exec, stream } = await startExec(container, {
    Cmd: ['bash', '-c', `echo $$ > ${file}; exec bash -l`],
    AttachStdin: true,
    Tty: true,
    Env: ENVIRONMENT,
    WorkingDir: '/root',
    ConsoleSize: [size.rows, size.columns],
    ...(signal && { abortSignal: signal }),
  });
  const ended = once(stream, 'close');
  return {
    output: stream,
    write: (data) => {
      // A program that does not read its input must not fill the server's memory with it; a real terminal's
      // buffer drops keys, too, and holds far fewer.
      if (stream.writableLength < INPUT_LIMIT) stream.write(data);
    },
    resize: async ({ columns, rows }) => {
      // A shell that has just ended has no terminal to resize, which harms nobody.
      await exec.resize({ w: columns, h: rows }).catch(() => undefined);
    },
    exited: ended.then(async () => (await exec.inspect()).ExitCode ?? null).catch(() => null),
    async [Symbol.asyncDispose]() {
      stream.destroy();
      // Asked of the engine: a stream that broke says nothing of the shell at its other end.
      const { Running } = await exec.inspect().catch(() => ({ Running: false }));
      if (!Running) return;
      const hangUp = ['sh', '-c', `kill -HUP $(cat ${file}); rm ${file}`];
      await startExec(container, { Cmd: hangUp }).catch(() => undefined);
    },
  };
}
