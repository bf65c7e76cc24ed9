import {
  type BlockRun,
  type HostName,
  type LogId,
  type RunId,
  type TerminalId,
  type TerminalOpened,
} from '../../../server/protocol/index.ts';
import { LabClient, openPageSocket, type PageSocket } from '../../support/lab-client.ts';
import { Signal } from '../../support/signal.ts';
import { Received, type BenchShell } from './shell.ts';

/** Whose lab is looked at. */
export type Learner = { cookie: string; run: RunId };

/** How far a page has come with a terminal's output. */
export type Place = { log: LogId; since: number };

/** A terminal as a learner's page has it, without the page. What is waited for rejects when the line breaks. */
export interface DrydockShell extends BenchShell {
  /** Whether what comes is told to have been drawn. */
  acks: boolean;
  /** Told of all that comes. */
  onOutput: (data: Uint8Array) => void;
  /** Where another look at it would go on. */
  readonly place: Place | undefined;
  /** Resolves once its program runs, or no more. */
  untilAlive(alive: boolean): Promise<void>;
  /** Resolves when what comes from now on ends with this text, in ASCII. */
  untilEndsWith(text: string): Promise<void>;
}

/** A page's connection, which may look at several terminals of a lab that runs. */
export interface DrydockPage extends Disposable {
  readonly learner: Learner;
  /** Look at a terminal, from its beginning or from where another page has come to. */
  shell(id: TerminalId, place?: Place): DrydockShell;
  /** Open another terminal on a host. */
  open(host: HostName): Promise<TerminalId>;
  /** Resolves when the line has broken. */
  readonly broken: Promise<void>;
}

/** Start a lab, or find it started, and connect to it by way of `through` where that is told. */
export async function openDrydockPage(url: string, slug: string, through = url): Promise<DrydockPage> {
  using learner = new LabClient(url, slug);
  const { run } = await learner.start();
  return connectPage(through, slug, { cookie: learner.cookie, run });
}

/** Connect a page, or another of the same learner. */
export async function connectPage(url: string, slug: string, learner: Learner): Promise<DrydockPage> {
  const socket = openPageSocket(url, learner.cookie, { auth: { scenario: slug } });
  const shells = new Map<TerminalId, RemoteShell>();
  socket.on('terminal:output', ({ id, from, data }) => shells.get(id)?.take(from, data));
  socket.on('terminal:state', ({ id, alive, log }) => shells.get(id)?.become(alive, log));
  const broken = Promise.withResolvers<void>();
  socket.once('disconnect', (reason) => {
    broken.resolve();
    for (const shell of shells.values()) shell.fail(new Error(`The page's line broke: ${reason}.`));
  });
  await untilConnected(socket);
  return {
    learner,
    broken: broken.promise,
    shell(id, place) {
      const shell = new RemoteShell(socket, id, place?.since ?? 0);
      shells.set(id, shell);
      socket.emit('terminal:attach', { run: learner.run, id, since: 0, ...place });
      socket.emit('terminal:resize', { id, columns: 80, rows: 24 });
      return shell;
    },
    async open(host) {
      const answer = await new Promise<BlockRun | TerminalOpened>((resolve) =>
        socket.emit('terminal:open', { run: learner.run, host }, resolve),
      );
      if ('error' in answer) throw new Error(`No terminal was opened: ${answer.error}`);
      return answer.terminal;
    },
    [Symbol.dispose]: () => void socket.disconnect(),
  };
}

/** Resolves when a page has been let in and told of its session. */
export async function untilConnected(socket: PageSocket): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once('session', () => resolve());
    socket.once('connect_error', reject);
  });
}

class RemoteShell implements DrydockShell {
  readonly #socket: PageSocket;
  readonly #id: TerminalId;
  readonly #received = new Received();
  readonly #failed = Promise.withResolvers<never>();
  readonly #changed = new Signal();
  #log: LogId | undefined;
  #drawn: number;
  #acks = true;
  #alive = false;
  onOutput: (data: Uint8Array) => void = () => undefined;

  constructor(socket: PageSocket, id: TerminalId, since: number) {
    this.#socket = socket;
    this.#id = id;
    this.#drawn = since;
    // Nobody may be waiting.
    this.#failed.promise.catch(() => undefined);
  }

  get received(): number {
    return this.#received.bytes;
  }

  get place(): Place | undefined {
    return this.#log === undefined ? undefined : { log: this.#log, since: this.#drawn };
  }

  get acks(): boolean {
    return this.#acks;
  }

  set acks(acks: boolean) {
    this.#acks = acks;
    if (acks) this.#ack();
  }

  take(from: number, data: Uint8Array): void {
    // What was asked for may be no more there at the first; later it follows.
    if (from !== this.#drawn && this.received > 0) {
      return this.fail(new Error(`Byte ${from} came after ${this.#drawn}.`));
    }
    this.#drawn = from + data.byteLength;
    if (this.#acks) this.#ack();
    this.onOutput(data);
    this.#received.add(data.byteLength);
  }

  become(alive: boolean, log: LogId): void {
    this.#alive = alive;
    this.#log = log;
    this.#changed.notify();
  }

  /** There will be nothing more that is of use. */
  fail(error: Error): void {
    this.#failed.reject(error);
  }

  type(keys: string): void {
    this.#socket.emit('terminal:input', { id: this.#id, data: Buffer.from(keys) });
  }

  untilReceived(bytes: number): Promise<void> {
    return this.#unlessFailed(this.#received.until(bytes));
  }

  untilAlive(alive: boolean): Promise<void> {
    return this.#unlessFailed(this.#changed.until(() => this.#alive === alive));
  }

  untilEndsWith(text: string): Promise<void> {
    let tail = '';
    const ends = new Promise<void>((resolve) => {
      this.onOutput = (data) => {
        tail = (tail + Buffer.from(data.subarray(-text.length)).toString('latin1')).slice(-text.length);
        if (tail !== text) return;
        this.onOutput = () => undefined;
        resolve();
      };
    });
    return this.#unlessFailed(ends);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.emit('terminal:detach', { id: this.#id });
  }

  #ack(): void {
    this.#socket.emit('terminal:ack', { id: this.#id, through: this.#drawn });
  }

  #unlessFailed(awaited: Promise<void>): Promise<void> {
    return Promise.race([awaited, this.#failed.promise]);
  }
}
