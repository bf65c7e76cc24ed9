import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Socket } from 'node:net';

const ANSWER_MS = 10_000;
const SEED_BYTES = 64;

/**
 * The guest's end of a serial line that leads to nobody but Drydock: what has to be settled before the guest's network
 * or clock can be trusted, and what must work without them.
 */
export class GuestAgent implements Disposable {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, () => void>();
  #id = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    const lines = createInterface({ input: socket });
    // It hands on what breaks the socket, and then there is no answer.
    lines.on('error', () => undefined);
    lines.on('line', (line) => {
      const id = Number(line);
      this.#waiting.get(id)?.();
      this.#waiting.delete(id);
    });
  }

  /**
   * Give the guest the time and fresh randomness: both stand where they stood when its snapshot was taken, and tokens
   * and keys must not be made from them again.
   */
  async wake(signal: AbortSignal, limitMs: number = ANSWER_MS): Promise<void> {
    const request = () => `wake ${Date.now() / 1000} ${randomBytes(SEED_BYTES).toString('base64')}`;
    await this.#request(request, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]));
  }

  /** The guest ends itself when so many seconds have gone by without another lease. */
  async lease(seconds: number): Promise<void> {
    await this.#request(() => `lease ${seconds}`, AbortSignal.timeout(ANSWER_MS));
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  /** Asked again until it is answered: what is written before the guest has opened its end is lost. */
  async #request(text: () => string, limit: AbortSignal): Promise<void> {
    const id = (this.#id += 1);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const failed = () => reject(limit.reason);
    this.#waiting.set(id, resolve);
    limit.addEventListener('abort', failed, { once: true });
    const send = () => this.#socket.write(`${id} ${text()}\n`);
    send();
    const again = setInterval(send, 500);
    try {
      await promise;
    } finally {
      clearInterval(again);
      limit.removeEventListener('abort', failed);
      this.#waiting.delete(id);
    }
  }
}
