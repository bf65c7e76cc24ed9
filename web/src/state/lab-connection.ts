import { signal, type ReadonlySignal } from '@preact/signals';
import type { Slug } from '../../../server/protocol/index.ts';
import type { ConnectLab, LabSocket } from './lab-socket.ts';

/**
 * How a page is connected to the server: `none` before there is a session to hear of, `delayed` where the server wants
 * this page later, `given-up` when only loading the page anew can bring it about.
 */
export type ConnectionState = 'none' | 'connecting' | 'online' | 'reconnecting' | 'delayed' | 'given-up';

export type LabConnectionDependencies = {
  slug: Slug;
  connect: ConnectLab;
  /** Given each socket before anything that it hears can be missed. */
  listen: (socket: LabSocket) => void;
};

/** A lab page's one connection to the server, and how it fares. */
export class LabConnection {
  readonly #dependencies: LabConnectionDependencies;
  readonly #socket = signal<LabSocket | null>(null);
  readonly #state = signal<ConnectionState>('none');
  /** What is wanted now; a socket that opens for what was wanted before is closed. */
  #wish: object | null = null;

  constructor(dependencies: LabConnectionDependencies) {
    this.#dependencies = dependencies;
  }

  get socket(): ReadonlySignal<LabSocket | null> {
    return this.#socket;
  }

  get state(): ReadonlySignal<ConnectionState> {
    return this.#state;
  }

  /** Connect, where that has not been done. */
  async open(): Promise<void> {
    if (this.#wish !== null) return;
    const wish = (this.#wish = {});
    this.#state.value = 'connecting';
    const { slug, connect, listen } = this.#dependencies;
    let socket: LabSocket;
    try {
      socket = await connect(slug);
    } catch {
      // The code of the connection itself did not load, and not every browser asks for a module twice.
      if (this.#wish !== wish) return;
      this.#wish = null;
      this.#state.value = 'given-up';
      return;
    }
    if (this.#wish !== wish) return socket.close();
    const become = (state: ConnectionState) => () => {
      this.#state.value = state;
    };
    socket.on('connected', become('online'));
    socket.on('disconnected', become('reconnecting'));
    socket.on('delayed', become('delayed'));
    socket.on('refused', become('given-up'));
    listen(socket);
    if (socket.connected) this.#state.value = 'online';
    this.#socket.value = socket;
  }

  /** Hear no more; what is opened then is another socket. */
  close(): void {
    this.#wish = null;
    this.#socket.value?.close();
    this.#socket.value = null;
    this.#state.value = 'none';
  }
}
