import type { io, Socket } from 'socket.io-client';
import type { terminalParser } from '../../../server/protocol/terminal-packets.ts';
import type {
  ApiError,
  BlockRun,
  ClientMessages,
  ServerMessages,
  TerminalOpened,
} from '../../../server/protocol/index.ts';
import type { ConnectLab, LabEvents, LabSocket } from './lab-socket.ts';
import { Listeners } from './listeners.ts';
import type { Problem } from './problem.ts';

type Incoming = { [N in keyof ServerMessages]: (message: ServerMessages[N]) => void };
/** What is acknowledged, and with what. */
type Answers = { 'block:run': BlockRun; 'terminal:open': TerminalOpened };
type Outgoing = {
  [N in keyof Omit<ClientMessages, keyof Answers>]: (message: ClientMessages[N]) => void;
} & {
  [N in keyof Answers]: (message: ClientMessages[N], answer: (answer: Answers[N]) => void) => void;
};

/** Milliseconds in which the server must have answered. */
const ANSWER_WITHIN = 10_000;
/** Milliseconds before a page that the server has put out tries again. */
const RETURN_AFTER = 1000;
/** Milliseconds before a page tries again that came too often: at first, each time twice as long, and at most. */
const DELAY = { first: 2000, most: 60_000 } as const;

type SocketIo = { io: typeof io; terminalParser: typeof terminalParser };

/** Not a part of the page's first script: the text can be read without it. */
export const loadSocketIo = async (): Promise<SocketIo> => {
  const [{ io }, { terminalParser }] = await Promise.all([
    import('socket.io-client'),
    import('../../../server/protocol/terminal-packets.ts'),
  ]);
  return { io, terminalParser };
};

/** The lab's socket over socket.io. */
export const connectSocketIo: ConnectLab = async (slug) => {
  const { io, terminalParser } = await loadSocketIo();
  const socket: Socket<Incoming, Outgoing> = io({
    auth: { scenario: slug },
    parser: terminalParser,
    // Some proxies at schools pass no websocket; polling is for them.
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnectionDelay: 300,
    reconnectionDelayMax: 5000,
    forceNew: true,
  });
  return new SocketIoLab(socket);
};

class SocketIoLab implements LabSocket {
  readonly #socket: Socket<Incoming, Outgoing>;
  readonly #listeners = new Listeners<LabEvents>();
  #returning: ReturnType<typeof setTimeout> | undefined;
  #delay: number = DELAY.first;

  constructor(socket: Socket<Incoming, Outgoing>) {
    this.#socket = socket;
    const tell = this.#listeners.tell.bind(this.#listeners);
    socket.on('connect', () => {
      this.#delay = DELAY.first;
      tell('connected', undefined);
    });
    socket.on('disconnect', (reason) => {
      tell('disconnected', undefined);
      // socket.io does not come back by itself when it was the server that hung up.
      if (reason === 'io server disconnect') {
        this.#returning = setTimeout(() => socket.connect(), RETURN_AFTER);
      }
    });
    socket.on('connect_error', (error) => {
      if (socket.active) return tell('disconnected', undefined);
      const data = (error as Error & { data?: ApiError }).data;
      if (data?.error === 'too_many_requests') {
        this.#returning = setTimeout(() => socket.connect(), this.#delay);
        this.#delay = Math.min(DELAY.most, 2 * this.#delay);
        return tell('delayed', undefined);
      }
      tell('refused', data ?? { error: 'unreachable' });
    });
    socket.on('session', (view) => tell('session', view));
    socket.on('engine', (status) => tell('engine', status));
    socket.on('terminal:state', (state) => tell('terminal:state', state));
    socket.on('terminal:output', (output) => tell('terminal:output', output));
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  on<N extends keyof LabEvents>(name: N, listener: (message: LabEvents[N]) => void): () => void {
    return this.#listeners.on(name, listener);
  }

  send<N extends keyof ClientMessages>(name: N, message: ClientMessages[N]): void {
    if (!this.#socket.connected) return;
    (this.#socket as Socket).emit(name, message);
  }

  run(message: ClientMessages['block:run']): ReturnType<LabSocket['run']> {
    return this.#ask('block:run', message);
  }

  openTerminal(message: ClientMessages['terminal:open']): ReturnType<LabSocket['openTerminal']> {
    return this.#ask('terminal:open', message);
  }

  close(): void {
    clearTimeout(this.#returning);
    this.#socket.off();
    this.#socket.disconnect();
  }

  async #ask<N extends keyof Answers>(name: N, message: ClientMessages[N]): Promise<Answers[N] | Problem> {
    if (!this.#socket.connected) return { error: 'unreachable' };
    try {
      return await (this.#socket as Socket).timeout(ANSWER_WITHIN).emitWithAck(name, message);
    } catch {
      return { error: 'unreachable' };
    }
  }
}
