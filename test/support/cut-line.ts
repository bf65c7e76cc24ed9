import { connect, createServer, type Socket } from 'node:net';
import { listen } from './listen.ts';

/** A line to a server of this machine that a test can cut and mend, as a network does. */
export interface CutLine extends AsyncDisposable {
  /** The server, through this line. */
  readonly url: string;
  /** Breaks what is connected, and refuses what tries to, until it is mended. */
  cut(): void;
  mend(): void;
  /** Nothing passes any more of what is connected, and neither end is told. */
  stall(): void;
}

export async function cutLine(url: string): Promise<CutLine> {
  const { hostname, port } = new URL(url);
  const ends = new Set<Socket>();
  let whole = true;
  const breakAll = (): void => {
    for (const end of ends) end.destroy();
  };
  const server = createServer((near) => {
    if (!whole) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end);
      // What breaks an end closes it, and its other end with it.
      end.on('error', () => {});
      end.on('close', () => {
        ends.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
  });
  const listening = await listen(server);
  return {
    url: `http://127.0.0.1:${listening.port}`,
    cut() {
      whole = false;
      breakAll();
    },
    mend() {
      whole = true;
    },
    stall() {
      for (const end of ends) {
        end.unpipe();
        end.pause();
      }
    },
    async [Symbol.asyncDispose]() {
      breakAll();
      await listening[Symbol.asyncDispose]();
    },
  };
}
