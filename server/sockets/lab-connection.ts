import type { Logger } from 'pino';
import type { DefaultEventsMap, Server, Socket } from 'socket.io';
import type { z } from 'zod';
import type { Warn } from '../access/bounded-warnings.ts';
import { Budget } from '../access/budget.ts';
import type { Visitor } from '../access/owners.ts';
import { clientMessages, MAX_PASTE_BYTES } from '../protocol/index.ts';
import type {
  ApiError,
  BlockRun,
  ClientMessages,
  RunId,
  ServerMessages,
  Slug,
  TerminalId,
  TerminalOpened,
} from '../protocol/index.ts';
import type { EngineGate } from '../sessions/engine-gate.ts';
import { apiError, LabError } from '../sessions/errors.ts';
import type { SessionManager } from '../sessions/manager.ts';
import type { Terminal } from '../terminals/terminal.ts';
import { Batches } from '../terminals/batches.ts';
import { Pace } from './pace.ts';

type Names = keyof ClientMessages;
type Received = { [name in Names]: (message: unknown, ack: unknown) => void };
type Sent = { [name in keyof ServerMessages]: (message: ServerMessages[name]) => void };
/** Who looks at which lab; settled before the socket is connected. */
export type Visit = { visitor: Visitor; scenario: Slug };
export type LabSocket = Socket<Received, Sent, DefaultEventsMap, Visit>;
export type LabServer = Server<Received, Sent, DefaultEventsMap, Visit>;

export type LabConnectionOptions = {
  socket: LabSocket;
  engine: Pick<EngineGate, 'status' | 'subscribe'>;
  sessions: SessionManager;
  /** See PaceOptions: of all that the owner's pages type. */
  owe: (bytes: number) => number;
  /** Whether the owner's pages may ask for one more thing that takes more than a moment. */
  mayAsk: () => boolean;
  /** Told of what goes through terminals. */
  onTerminalBytes: (direction: 'in' | 'out', bytes: number) => void;
  log: Logger;
  warn: Warn;
};

/** More than a page has to say while a terminal prints as fast as it can. */
const MESSAGES = { burst: 20_000, perSecond: 5000 } as const;
/** Bytes that a page may type ahead of what is let through: another paste, and what is typed behind it. */
const TYPED_AHEAD = 2 * MAX_PASTE_BYTES;

/** What each message does; what it gives is the reply, where the page awaits one. */
type Actions = {
  [name in Names]: (
    page: LabConnection,
    message: ClientMessages[name],
  ) => Promise<BlockRun | TerminalOpened | void> | void;
};

/** What costs the server and the hosts more than the message itself. */
const COSTLY: ReadonlySet<Names> = new Set([
  'terminal:attach',
  'terminal:open',
  'terminal:close',
  'block:run',
]);

/** Typed by name, so that a schema and an action of one name are known to fit. */
const schemas: { [name in Names]: z.ZodType<ClientMessages[name]> } = clientMessages;
const isMessageName = (name: unknown): name is Names =>
  typeof name === 'string' && Object.hasOwn(schemas, name);

/** One page that looks at one lab: gives it the engine's status, the session and its terminals, takes its keys and commands. */
export class LabConnection {
  static readonly #ACTIONS: Actions = {
    'terminal:attach': (page, message) => page.#attach(message),
    'terminal:detach': (page, { id }) => page.#detach(id),
    'terminal:ack': (page, { id, through }) => {
      const seen = page.#attached.get(id);
      seen?.terminal.ack(seen.viewer, through);
    },
    'terminal:input': (page, { id, data }) => page.#input(id, data),
    'terminal:resize': (page, { id, ...size }) => page.#attached.get(id)?.terminal.resize(size),
    'terminal:open': async (page, { run, host }) => {
      page.#requireRun(run);
      return { terminal: await page.#sessions.openTerminal(page.#owner, page.#scenario, host) };
    },
    'terminal:close': (page, { run, id }) => {
      page.#requireRun(run);
      return page.#sessions.closeTerminal(page.#owner, page.#scenario, id);
    },
    'block:run': async (page, { run, step, block }) => {
      page.#requireRun(run);
      return { terminal: await page.#sessions.typeBlock(page.#owner, page.#scenario, step, block) };
    },
  };

  readonly #socket: LabSocket;
  readonly #engine: LabConnectionOptions['engine'];
  readonly #sessions: SessionManager;
  readonly #owner: string;
  readonly #scenario: Slug;
  readonly #log: Logger;
  readonly #warn: Warn;
  /** The run that was told of last. */
  #run: RunId | undefined;
  /** The terminals that the page shows, all of the run that was told of last. */
  readonly #attached = new Map<TerminalId, { terminal: Terminal; viewer: Batches }>();

  readonly #pace: Pace;
  readonly #mayAsk: LabConnectionOptions['mayAsk'];
  readonly #onTerminalBytes: LabConnectionOptions['onTerminalBytes'];

  constructor({ socket, engine, sessions, owe, mayAsk, onTerminalBytes, log, warn }: LabConnectionOptions) {
    this.#socket = socket;
    this.#engine = engine;
    this.#sessions = sessions;
    this.#owner = socket.data.visitor.owner;
    this.#scenario = socket.data.scenario;
    this.#log = log;
    this.#warn = (details, message) => warn({ scenario: this.#scenario, ...details }, message);
    this.#pace = new Pace({ owe, most: TYPED_AHEAD });
    this.#mayAsk = mayAsk;
    this.#onTerminalBytes = onTerminalBytes;
  }

  /** Serve the page until it disconnects. */
  open(): void {
    const unsubscribe = this.#sessions.subscribe(this.#owner, this.#scenario, (changed) => {
      // What its shells still print while it is removed must not meet the terminals of the next run.
      if (changed.status === 'ended' || changed.run !== this.#run) this.#detachAll();
      this.#run = changed.run;
      this.#socket.emit('session', changed);
    });
    const ignoreEngine = this.#engine.subscribe((status) => this.#socket.emit('engine', status));
    this.#socket.on('disconnect', () => {
      unsubscribe();
      ignoreEngine();
      this.#pace.clear();
      this.#detachAll();
    });
    // A name may also be a number: it is the sender who writes it.
    const messages = new Budget(MESSAGES);
    this.#socket.onAny((name: unknown, message: unknown, ack: unknown) => {
      // What has come together with its leave is still told of behind that.
      if (!this.#socket.connected) return;
      if (!messages.take('')) return this.#cutOff('sends too many messages');
      if (isMessageName(name)) void this.#receive(name, message, typeof ack === 'function' ? ack : null);
      else this.#warn({ name: String(name).slice(0, 64) }, 'unknown message');
    });
    this.#socket.emit('engine', this.#engine.status);
    const session = this.#sessions.get(this.#owner, this.#scenario);
    this.#run = session?.run;
    this.#socket.emit('session', session);
  }

  // The parameter ties the schema to the action within the body.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  async #receive<Name extends Names>(name: Name, message: unknown, ack: Function | null): Promise<void> {
    try {
      const parsed = schemas[name].safeParse(message);
      if (!parsed.success) {
        this.#warn({ name, issues: parsed.error.issues.slice(0, 3) }, 'bad message');
        ack?.(apiError('bad_request'));
        return;
      }
      if (COSTLY.has(name) && !this.#mayAsk()) {
        // Nobody awaits an answer to these, so that a page would wait for ever.
        if (ack === null) return this.#cutOff(`asks for ${name} too often`);
        this.#warn({ name }, 'asked for too often');
        ack(apiError('too_many_requests'));
        return;
      }
      const answer = await LabConnection.#ACTIONS[name](this, parsed.data);
      ack?.(answer);
    } catch (error) {
      const refusal = this.#refusal(name, error);
      ack?.(refusal);
    }
  }

  #refusal(name: string, error: unknown): ApiError {
    if (error instanceof LabError) return error.toApiError();
    this.#log.error({ scenario: this.#scenario, err: error, name }, 'message failed');
    return apiError('internal');
  }

  /** Of a page that does what none of ours does. */
  #cutOff(why: string): void {
    if (!this.#socket.connected) return;
    this.#warn({ why }, 'page cut off');
    this.#socket.disconnect(true);
  }

  #input(id: TerminalId, data: Uint8Array): void {
    // The one that it was typed at, whatever has its name by the time that it is let through.
    const terminal = this.#attached.get(id)?.terminal;
    // As a view it would keep all that it came with for as long as it waits.
    const keys = Uint8Array.from(data);
    const isTaken = this.#pace.push(keys.byteLength, () => {
      if (terminal === undefined) return;
      this.#onTerminalBytes('in', keys.byteLength);
      terminal.input(keys);
    });
    if (!isTaken) this.#cutOff('types more than is let through');
  }

  /** Throws run_outdated where the lab was ended or started again meanwhile, which the page learns from `session`, too. */
  #requireRun(run: RunId): void {
    try {
      this.#sessions.requireRun(this.#owner, this.#scenario, run);
    } catch (error) {
      const isOthers = this.#sessions.list().some(({ id }) => id === run);
      if (isOthers) this.#warn({ run }, 'asked for a lab of somebody else');
      throw error;
    }
  }

  #attach({ run, id, log, since }: ClientMessages['terminal:attach']): void {
    this.#detach(id);
    this.#requireRun(run);
    const terminal = this.#sessions.terminal(this.#owner, this.#scenario, id);
    if (terminal === undefined) {
      return this.#log.debug({ scenario: this.#scenario, run, terminal: id }, 'nothing to attach to');
    }
    const tellState = (alive: boolean): void =>
      void this.#socket.emit('terminal:state', { id, alive, log: terminal.log, end: terminal.end });
    const viewer = new Batches({
      alive: tellState,
      output: (from, data) => {
        this.#onTerminalBytes('out', data.byteLength);
        this.#socket.emit('terminal:output', { id, from, data });
      },
      // From the oldest byte kept: `from` tells the page what it has missed.
      lagged: () => terminal.attach(viewer, 0),
    });
    this.#attached.set(id, { terminal, viewer });
    tellState(terminal.alive);
    terminal.attach(viewer, log === terminal.log ? since : 0);
  }

  #detach(id: TerminalId): void {
    const seen = this.#attached.get(id);
    this.#attached.delete(id);
    seen?.terminal.detach(seen.viewer);
    seen?.viewer.drop();
  }

  #detachAll(): void {
    for (const id of this.#attached.keys()) this.#detach(id);
  }
}
