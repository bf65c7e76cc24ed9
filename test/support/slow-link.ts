import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { listen } from './listen.ts';

export type LinkOptions = {
  /** Milliseconds for each way. */
  delay: number;
  /** From the server; without it, as many as come. Read again for each piece. */
  bytesPerSecond?: number;
};

/** A way to a server of this machine that takes its time, as one across a country does. */
export interface SlowLink extends AsyncDisposable {
  /** The server, by this way. */
  readonly url: string;
}

/** What lies in the buffers of the routers on the way, in bytes. */
const QUEUE = 64 * 1024;
/** What goes over the link in one piece. */
const PIECE = 4 * 1024;

export async function slowLink(url: string, options: LinkOptions): Promise<SlowLink> {
  const { hostname, port } = new URL(url);
  const ends = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: Number(port), host: hostname, noDelay: true });
    for (const end of [near, far]) {
      ends.add(end);
      end.on('error', () => undefined);
      end.on('close', () => ends.delete(end));
    }
    void carry(near, far, { delay: options.delay });
    void carry(far, near, options);
  });
  const listening = await listen(server);
  return {
    url: `http://127.0.0.1:${listening.port}`,
    async [Symbol.asyncDispose]() {
      for (const end of ends) end.destroy();
      await listening[Symbol.asyncDispose]();
    },
  };
}

/** Carry what comes from one end to the other, each piece when the link has had the time for it, and in their order. */
async function carry(from: Socket, to: Socket, options: LinkOptions): Promise<void> {
  const underWay: Buffer[] = [];
  let freeAt = 0;
  let queued = 0;
  // Timers that are due within one millisecond fire in any order: each hands over what has waited longest.
  const arrive = (): void => {
    const piece = underWay.shift();
    if (piece === undefined) return;
    queued -= piece.length;
    if (to.writable) to.write(piece);
  };
  try {
    for await (const chunk of from) {
      for (let at = 0; at < chunk.length; at += PIECE) {
        const { delay, bytesPerSecond = Infinity } = options;
        const piece = chunk.subarray(at, at + PIECE);
        const now = performance.now();
        freeAt = Math.max(now, freeAt) + (piece.length / bytesPerSecond) * 1000;
        queued += piece.length;
        underWay.push(piece);
        setTimeout(arrive, freeAt + delay - now);
        // What is under way at the link's own rate is no queue.
        const most = QUEUE + (bytesPerSecond * delay) / 1000;
        if (queued > most) await wait(Math.max(1, ((queued - most) / bytesPerSecond) * 1000));
      }
    }
  } catch {
    // It broke: so does the other.
  }
  await wait(Math.max(0, freeAt - performance.now()) + options.delay);
  to.destroy();
}
