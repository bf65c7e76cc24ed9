import type {
  BlockRun,
  ClientMessages,
  ServerMessages,
  Slug,
  TerminalOpened,
} from '../../../server/protocol/index.ts';
import type { Problem } from './problem.ts';

/** What a lab page hears: the server's messages, and how the connection fares. */
export type LabEvents = ServerMessages & {
  connected: undefined;
  disconnected: undefined;
  /** The server has too much of this owner's pages for now; the page tries again by itself. */
  delayed: undefined;
  /** The server does not want this page; trying again would not help. */
  refused: Problem;
};

/** The socket of one lab page. It connects again by itself until it is closed or refused. */
export interface LabSocket {
  readonly connected: boolean;
  /** Listen; the function that is returned stops it. */
  on<N extends keyof LabEvents>(name: N, listener: (message: LabEvents[N]) => void): () => void;
  /** Send now or not at all: what was typed into a broken line must not run minutes later. */
  send<N extends keyof ClientMessages>(name: N, message: ClientMessages[N]): void;
  /** Have the server type a block of commands; where it went, or why not. */
  run(message: ClientMessages['block:run']): Promise<BlockRun | Problem>;
  /** Have another terminal opened; which it is, or why there is none. */
  openTerminal(message: ClientMessages['terminal:open']): Promise<TerminalOpened | Problem>;
  close(): void;
}

/** Opens the socket of a scenario's page. */
export type ConnectLab = (slug: Slug) => Promise<LabSocket>;
