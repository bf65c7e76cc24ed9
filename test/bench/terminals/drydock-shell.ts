import { io, type Socket } from 'socket.io-client';
import type {
  ClientMessages,
  ServerMessages,
  SessionView,
  TerminalId,
} from '../../../server/protocol/index.ts';
import { LabClient } from '../../support/lab-client.ts';
import { Received, type BenchShell } from './shell.ts';

type Incoming = { [name in keyof ServerMessages]: (message: ServerMessages[name]) => void };
type Outgoing = { [name in keyof ClientMessages]: (message: ClientMessages[name]) => void };

/** A viewer that a learner's page is, without the page. */
export interface DrydockShell extends BenchShell {
  /** Whether what comes is told to have been drawn. */
  acks: boolean;
}

/** A page's socket, which may look at several terminals of a lab that runs. */
export interface DrydockPage extends Disposable {
  shell(id: TerminalId): DrydockShell;
}

/** Start the lab, or find it started, and connect to it as a page does, by way of `through` where that is told. */
export async function openDrydockPage(url: string, slug: string, through = url): Promise<DrydockPage> {
  const learner = new LabClient(url, slug);
  const { run } = await learner.start();
  learner.disconnect();
  return connectPage(through, slug, { cookie: learner.cookie, run });
}

/** Connect another page of the same learner. */
export async function connectPage(
  url: string,
  slug: string,
  { cookie, run }: { cookie: string; run: SessionView['run'] },
): Promise<DrydockPage> {
  const socket: Socket<Incoming, Outgoing> = io(url, {
    auth: { scenario: slug },
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    extraHeaders: { cookie },
  });
  const shells = new Map<TerminalId, { acks: boolean; drawn: number; received: Received }>();
  socket.on('terminal:output', ({ id, from, data }) => {
    const shell = shells.get(id);
    if (shell === undefined) return;
    if (from !== shell.drawn) throw new Error(`Byte ${from} came after ${shell.drawn}.`);
    shell.drawn = from + data.byteLength;
    if (shell.acks) socket.emit('terminal:ack', { id, through: shell.drawn });
    shell.received.add(data.byteLength);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('session', () => resolve());
    socket.once('connect_error', reject);
  });
  return {
    shell(id) {
      const shell = { acks: true, drawn: 0, received: new Received() };
      shells.set(id, shell);
      socket.emit('terminal:attach', { run, id, since: 0 });
      socket.emit('terminal:resize', { id, columns: 80, rows: 24 });
      return {
        get received() {
          return shell.received.bytes;
        },
        get acks() {
          return shell.acks;
        },
        set acks(acks) {
          shell.acks = acks;
          if (acks) socket.emit('terminal:ack', { id, through: shell.drawn });
        },
        type: (keys) => void socket.emit('terminal:input', { id, data: Buffer.from(keys) }),
        untilReceived: (bytes) => shell.received.until(bytes),
        async [Symbol.asyncDispose]() {
          socket.emit('terminal:detach', { id });
        },
      };
    },
    [Symbol.dispose]: () => void socket.disconnect(),
  };
}
