import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Socket } from 'node:net';
import { z } from 'zod';

/** What QEMU sends: an answer by the id of its command, or an event, which nobody here waits for. */
const Message = z.object({
  id: z.number().optional(),
  return: z.unknown().optional(),
  error: z.object({ desc: z.string() }).optional(),
});
const Greeting = z.object({ QMP: z.object({}) });

const ENDED = 'The virtual machine has ended.';

type Waiting = { resolve: (value: unknown) => void; reject: (error: Error) => void };

/**
 * QEMU's control socket (the QEMU Machine Protocol: a JSON object a line). QEMU greets one client at a time, so whoever
 * holds this holds the machine: a second one waits for its greeting until the first has gone.
 */
export class Qmp implements Disposable {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #id = 0;
  #ended = false;
  /** Resolves when the connection has ended, which is when QEMU has, unless it was disposed. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    // Not by `once`, which takes a connection that QEMU resets as it quits for a failure.
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on('close', () => {
      this.#fail();
      resolve();
    });
    this.closed = promise;
  }

  /** Waits for the greeting; rejects where `signal` aborts before it comes, or the machine ends. */
  static async open(socket: Socket, signal: AbortSignal): Promise<Qmp> {
    const lines = createInterface({ input: socket });
    // It hands on what breaks the socket, whose end says it already.
    lines.on('error', () => undefined);
    const gone = new AbortController();
    socket.once('close', () => gone.abort(new Error(ENDED)));
    const [greeting] = await once(lines, 'line', { signal: AbortSignal.any([signal, gone.signal]) });
    Greeting.parse(JSON.parse(greeting));
    const qmp = new Qmp(socket);
    lines.on('line', (line) => qmp.#receive(line));
    await qmp.execute('qmp_capabilities');
    return qmp;
  }

  /** Rejects with what QEMU says against it, or where the machine ends meanwhile. */
  execute(command: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    if (this.#ended) return Promise.reject(new Error(ENDED));
    const id = (this.#id += 1);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#socket.write(`${JSON.stringify({ execute: command, arguments: parameters, id })}\n`);
    return promise;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #receive(line: string): void {
    const { id, return: value, error } = Message.parse(JSON.parse(line));
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (id === undefined || waiting === undefined) return;
    this.#waiting.delete(id);
    if (error === undefined) waiting.resolve(value);
    else waiting.reject(new Error(`The virtual machine refused: ${error.desc}`));
  }

  #fail(): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.values()) reject(new Error(ENDED));
    this.#waiting.clear();
  }
}
