import { ServerResponse } from 'node:http';
import type { LabSocket } from './lab-connection.ts';

type Connection = LabSocket['conn'];

export type BacklogOptions = {
  /** Bytes that may wait for a page, and for one that has left. */
  most?: number;
  mostOfLeft?: number;
  /** Told where more waits for a page that has not left; the connection is cut off. */
  onTooMuch: () => void;
};

/** More than an honest page's terminals are given ahead of what they have drawn, all together. */
const MOST = 32 * 1024 * 1024;
const MOST_OF_LEFT = 1024 * 1024;
/** Of memory, for each packet besides its bytes. */
const PACKET = 256;

/**
 * What a page was sent and has not left this process, as the page does not read it: engine.io keeps that without a
 * bound, and that something was drawn a page may say of what it has not read. Where it is too much, the connection is cut
 * off; a page that is only slow comes back and goes on where it was.
 */
export class Backlog {
  readonly #connection: Connection;
  readonly #onTooMuch: () => void;
  readonly #most: number;
  readonly #mostOfLeft: number;
  /** In engine.io's hands. */
  #waiting = 0;
  /** In the hands of the system's connections. */
  #leaving = 0;
  /** What polling's requests were answered with: anybody may ask again over another connection and read none of them. */
  readonly #answers = new Set<ServerResponse>();
  #hasLeft = false;
  #isCut = false;

  constructor(connection: Connection, { most = MOST, mostOfLeft = MOST_OF_LEFT, onTooMuch }: BacklogOptions) {
    this.#connection = connection;
    this.#onTooMuch = onTooMuch;
    this.#most = most;
    this.#mostOfLeft = mostOfLeft;
    connection.on('packetCreate', ({ data }: { data?: string | Uint8Array }) => {
      this.#waiting += PACKET + (data?.length ?? 0);
      this.#look();
    });
    connection.on('flush', () => this.#leave());
    connection.on('close', () => {
      this.#waiting = 0;
      this.left();
    });
  }

  /** How much waits now. */
  get bytes(): number {
    return this.#waiting + this.#leaving;
  }

  /** Nobody looks any more: little may wait from now on. */
  left(): void {
    this.#hasLeft = true;
    this.#look();
  }

  /** All that waits goes to the transport, which takes nothing more before this has left. */
  #leave(): void {
    const bytes = this.#waiting;
    this.#waiting = 0;
    this.#leaving += bytes;
    const { transport } = this.#connection;
    // Polling's transport is ready for more as soon as the answer has been begun.
    const answer: unknown = Reflect.get(transport, 'res');
    if (answer instanceof ServerResponse) {
      this.#answers.add(answer);
      answer.once('close', () => {
        this.#answers.delete(answer);
        this.#leaving -= bytes;
      });
    } else transport.once('drain', () => (this.#leaving -= bytes));
  }

  #look(): void {
    const most = this.#hasLeft ? this.#mostOfLeft : this.#most;
    if (this.#isCut || this.bytes <= most) return;
    this.#isCut = true;
    // Not in the middle of what is being sent to it.
    queueMicrotask(() => this.#cut());
  }

  /** An orderly end would wait behind what is not read. */
  #cut(): void {
    if (!this.#hasLeft) this.#onTooMuch();
    this.#connection.close(true);
    for (const answer of this.#answers) answer.destroy();
    const socket: unknown = Reflect.get(this.#connection.transport, 'socket');
    if (hasTerminate(socket)) socket.terminate();
  }
}

const hasTerminate = (socket: unknown): socket is { terminate: () => void } =>
  typeof socket === 'object' &&
  socket !== null &&
  'terminate' in socket &&
  typeof socket.terminate === 'function';
