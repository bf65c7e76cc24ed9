import { io, type Socket } from 'socket.io-client';
import {
  routes,
  type ClientMessages,
  type HostName,
  type RunId,
  type ServerMessages,
  type TerminalId,
  type TerminalOpened,
} from '../../../server/protocol/index.ts';
import { LabClient } from '../../support/lab-client.ts';
import { Received, type BenchShell } from './shell.ts';

type Incoming = { [name in keyof ServerMessages]: (message: ServerMessages[name]) => void };
type Outgoing = {
  [name in keyof ClientMessages]: (
    message: ClientMessages[name],
    reply?: (answer: TerminalOpened) => void,
  ) => void;
};

/** Whose lab is looked at. */
export type Learner = { cookie: string; run: RunId };

/** A terminal as a learner's page has it, without the page. */
export interface DrydockShell extends BenchShell {
  /** Whether what comes is told to have been drawn. */
  acks: boolean;
  /** Told of all that comes. */
  onOutput: (data: Uint8Array) => void;
  /** Whether its program runs. */
  readonly alive: boolean;
  /** Resolves once its program runs, or no more. */
  untilAlive(alive: boolean): Promise<void>;
  /** Resolves when what comes from now on ends with this text, in ASCII. */
  untilEndsWith(text: string): Promise<void>;
}

/** A page's connection, which may look at several terminals of a lab that runs. */
export interface DrydockPage extends Disposable {
  readonly learner: Learner;
  /** Look at a terminal, from byte `since` on. */
  shell(id: TerminalId, since?: number): DrydockShell;
  /** Open another terminal on a host. */
  open(host: HostName): Promise<TerminalId>;
  /** Resolves when the line has broken. */
  readonly broken: Promise<void>;
}

/** Start a lab, or find it started, and connect to it by way of `through` where that is told. */
export async function openDrydockPage(url: string, slug: string, through = url): Promise<DrydockPage> {
  using learner = new LabClient(url, slug);
  await learner.request('GET', routes.scenarios());
  const { run } = await learner.start();
  return connectPage(through, slug, { cookie: learner.cookie, run });
}

/** Connect a page, or another of the same learner. */
export async function connectPage(url: string, slug: string, learner: Learner): Promise<DrydockPage> {
  const socket: Socket<Incoming, Outgoing> = io(url, {
    auth: { scenario: slug },
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    extraHeaders: { cookie: learner.cookie },
  });
  const shells = new Map<TerminalId, RemoteShell>();
  socket.on('terminal:output', ({ id, from, data }) => shells.get(id)?.take(from, data));
  socket.on('terminal:state', ({ id, alive }) => shells.get(id)?.become(alive));
  const broken = new Promise<void>((resolve) => socket.once('disconnect', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    socket.once('session', () => resolve());
    socket.once('connect_error', reject);
  });
  return {
    learner,
    broken,
    shell(id, since = 0) {
      const shell = new RemoteShell(socket, id, since);
      shells.set(id, shell);
      socket.emit('terminal:attach', { run: learner.run, id, since });
      socket.emit('terminal:resize', { id, columns: 80, rows: 24 });
      return shell;
    },
    async open(host) {
      const answer = await new Promise<TerminalOpened>((resolve) =>
        socket.emit('terminal:open', { run: learner.run, host }, resolve),
      );
      if ('error' in answer) throw new Error(`No terminal was opened: ${answer.error}`);
      return answer.terminal;
    },
    [Symbol.dispose]: () => void socket.disconnect(),
  };
}

class RemoteShell implements DrydockShell {
  readonly #socket: Socket<Incoming, Outgoing>;
  readonly #id: TerminalId;
  readonly #received = new Received();
  #drawn: number;
  #acks = true;
  #alive = false;
  #onAlive: () => void = () => undefined;
  onOutput: (data: Uint8Array) => void = () => undefined;

  constructor(socket: Socket<Incoming, Outgoing>, id: TerminalId, since: number) {
    this.#socket = socket;
    this.#id = id;
    this.#drawn = since;
  }

  get received(): number {
    return this.#received.bytes;
  }

  get acks(): boolean {
    return this.#acks;
  }

  set acks(acks: boolean) {
    this.#acks = acks;
    if (acks) this.#ack();
  }

  get alive(): boolean {
    return this.#alive;
  }

  take(from: number, data: Uint8Array): void {
    // What was asked for may be no more there at the first; later it follows.
    if (from !== this.#drawn && this.received > 0) throw new Error(`Byte ${from} came after ${this.#drawn}.`);
    this.#drawn = from + data.byteLength;
    if (this.#acks) this.#ack();
    this.onOutput(data);
    this.#received.add(data.byteLength);
  }

  become(alive: boolean): void {
    this.#alive = alive;
    this.#onAlive();
  }

  type(keys: string): void {
    this.#socket.emit('terminal:input', { id: this.#id, data: Buffer.from(keys) });
  }

  untilReceived(bytes: number): Promise<void> {
    return this.#received.until(bytes);
  }

  async untilAlive(alive: boolean): Promise<void> {
    while (this.#alive !== alive) {
      await new Promise<void>((resolve) => {
        this.#onAlive = resolve;
      });
    }
  }

  untilEndsWith(text: string): Promise<void> {
    let tail = '';
    return new Promise((resolve) => {
      this.onOutput = (data) => {
        tail = (tail + Buffer.from(data.subarray(-text.length)).toString('latin1')).slice(-text.length);
        if (tail !== text) return;
        this.onOutput = () => undefined;
        resolve();
      };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.emit('terminal:detach', { id: this.#id });
  }

  #ack(): void {
    this.#socket.emit('terminal:ack', { id: this.#id, through: this.#drawn });
  }
}
