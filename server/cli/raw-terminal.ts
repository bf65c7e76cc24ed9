import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Pty, PtySize } from '../clusters/cluster.ts';

/** The terminal that a command was started in, or what stands for one: process.stdin and process.stdout. */
export type LocalTerminal = {
  input: Readable & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };
  output: Writable & { columns?: number; rows?: number };
};

const END_OF_INPUT = Buffer.from([4]);
const END_AGAIN_MS = 500;
const FALLBACK: PtySize = { columns: 80, rows: 24 };

/** The size of a terminal; that of a classic one where it has none. */
export const sizeOf = ({ output: { columns, rows } }: LocalTerminal): PtySize =>
  columns && rows ? { columns, rows } : FALLBACK;

/**
 * Be a shell's terminal until the shell ends: every key goes to it, Ctrl-C too, and so does every change of size.
 * Resolves with its exit code, null where that is not known; rejects where its output breaks off or `signal` aborts.
 * The terminal is as before afterwards.
 */
export async function useTerminal(
  pty: Pty,
  terminal: LocalTerminal,
  signal: AbortSignal,
): Promise<number | null> {
  const { input, output } = terminal;
  const type = (data: Buffer) => pty.write(data);
  // Commands from a pipe end with it, as in a shell of this machine's. The key is lost where it is typed while nobody
  // reads, and a command may have to take it before the shell does.
  let again: NodeJS.Timeout | undefined;
  const endInput = () => {
    pty.write(END_OF_INPUT);
    again = setInterval(() => pty.write(END_OF_INPUT), END_AGAIN_MS);
  };
  const resize = () => void pty.resize(sizeOf(terminal)).catch(() => undefined);
  const end = () => pty.detach();
  const isRaw = input.isTTY === true;
  input.on('data', type).on('end', endInput);
  output.on('resize', resize);
  signal.addEventListener('abort', end, { once: true });
  if (isRaw) input.setRawMode?.(true);
  input.resume();
  try {
    signal.throwIfAborted();
    for await (const data of pty.output) {
      if (!output.write(data)) await once(output, 'drain', { signal });
    }
    signal.throwIfAborted();
    return await pty.exited;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    clearInterval(again);
    signal.removeEventListener('abort', end);
    output.off('resize', resize);
    input.off('data', type).off('end', endInput);
    if (isRaw) input.setRawMode?.(false);
    // It would keep the process alive.
    input.pause();
  }
}
