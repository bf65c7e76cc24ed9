import { io, type Socket } from 'socket.io-client';
import {
  routes,
  type ApiError,
  type BlockRun,
  type ClientMessages,
  type EngineStatus,
  type HostName,
  type RunId,
  type ServerMessages,
  type SessionView,
  type TerminalId,
  type TerminalOpened,
} from '../../server/protocol/index.ts';
import { terminalParser } from '../../server/protocol/terminal-packets.ts';
import { Signal } from './signal.ts';
import { stopReading } from './stop-reading.ts';

type Received = { [name in keyof ServerMessages]: (message: ServerMessages[name]) => void };
type Sent = {
  [name in keyof ClientMessages]: (
    message: ClientMessages[name],
    reply?: (answer: BlockRun | TerminalOpened) => void,
  ) => void;
};
type Answer<Body> = { status: number; body: Body; headers: Headers };

export type ConnectOptions = {
  transports?: readonly ('websocket' | 'polling')[];
  origin?: string;
  auth?: Record<string, unknown>;
};

/** A page's socket. */
export type PageSocket = Socket<Received, Sent>;

/** Connect a page of a browser that has this cookie, once. */
export function openPageSocket(
  url: string,
  cookie: string,
  { transports = ['websocket'], origin, auth }: ConnectOptions,
): PageSocket {
  return io(url, {
    ...(auth && { auth }),
    transports: [...transports],
    parser: terminalParser,
    forceNew: true,
    reconnection: false,
    extraHeaders: { cookie, ...(origin === undefined ? {} : { origin }) },
  });
}

/** What a page has of one terminal. */
class Screen {
  readonly #parts: Uint8Array[] = [];
  /** The number of the first byte received. */
  from: number | null = null;
  /** The number after the last byte drawn. */
  drawn = 0;
  /** Bytes between others that were never received; where a test does not allow for them they are an error. */
  missed = 0;
  mayMiss = false;

  receive(from: number, data: Uint8Array): void {
    if (this.from === null) this.from = from;
    else if (from > this.drawn && this.mayMiss) this.missed += from - this.drawn;
    else if (from !== this.drawn) throw new Error(`byte ${from} came after ${this.drawn}`);
    this.drawn = from + data.byteLength;
    this.#parts.push(data);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  get text(): string {
    return this.bytes.toString();
  }

  /** Whether it ends with a text; of much that was received, this looks at the end alone. */
  endsWith(text: string): boolean {
    const wanted = Buffer.from(text);
    const tail: Uint8Array[] = [];
    for (let at = this.#parts.length - 1, left = wanted.length; at >= 0 && left > 0; at--) {
      const part = this.#parts[at] ?? new Uint8Array();
      tail.unshift(part.subarray(-left));
      left -= part.byteLength;
    }
    return Buffer.concat(tail).equals(wanted);
  }
}

/**
 * A small fake browser on one lab's page: keeps its cookie, fetches, and holds the page's socket. Output that does
 * not follow on what it has fails whoever waits for a screen, and its disposal.
 */
export class LabClient implements Disposable {
  readonly url: string;
  readonly slug: string;
  readonly screens = new Map<TerminalId, Screen>();
  /** What was told last of each terminal's shell. */
  readonly shells = new Map<TerminalId, ServerMessages['terminal:state']>();
  cookie = '';
  /** What was received last; undefined before the first. */
  session: SessionView | null | undefined;
  engine: EngineStatus | undefined;
  /** Whether output is acked as it comes. */
  acks = true;
  disconnects: string[] = [];
  #socket: PageSocket | null = null;
  #fault: unknown = null;
  readonly #changed = new Signal();

  constructor(url: string, slug: string) {
    this.url = url;
    this.slug = slug;
  }

  async request<Body = ApiError>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    headers: Record<string, string> = {},
    given?: unknown,
  ): Promise<Answer<Body>> {
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(this.cookie === '' ? {} : { cookie: this.cookie }),
        ...(given === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(given !== undefined && { body: JSON.stringify(given) }),
    });
    for (const setCookie of response.headers.getSetCookie()) this.#keep(setCookie.split(';', 1)[0] ?? '');
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    // Tests say what they expect of an answer and then look at it.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const body = (isJson ? await response.json() : await response.text()) as Body;
    return { status: response.status, body, headers: response.headers };
  }

  /** Visit the page, connect, press Start, and wait for the hosts. */
  async start(options: ConnectOptions = {}): Promise<SessionView> {
    await this.connect(options);
    const { status, body } = await this.request<SessionView & ApiError>('POST', routes.session(this.slug));
    if (status >= 400) throw new Error(`The lab was not started (${status}): ${JSON.stringify(body)}`);
    // What the socket told last may be the end of the run before.
    await this.#changed.until(() => this.session?.run === body.run);
    return this.until('ready');
  }

  check(step: string): Promise<Answer<SessionView & ApiError>> {
    return this.request('POST', routes.check(this.slug, step));
  }

  extend(): Promise<Answer<SessionView & ApiError>> {
    return this.request('POST', routes.extend(this.slug));
  }

  /** Have fresh hosts made; resolves with the view of the new run. */
  reset(keepProgress: boolean): Promise<Answer<SessionView & ApiError>> {
    return this.request('POST', routes.reset(this.slug, keepProgress));
  }

  next(): Promise<Answer<SessionView & ApiError>> {
    return this.request('POST', routes.next(this.slug));
  }

  /** Resolves when the server has sent the session; rejects with the refusal's words. */
  async connect(options: ConnectOptions = {}): Promise<void> {
    if (!this.cookie.includes('drydock_owner')) await this.request('GET', routes.scenarios());
    this.#socket?.disconnect();
    this.session = undefined;
    const auth = options.auth ?? { scenario: this.slug };
    const socket = openPageSocket(this.url, this.cookie, { ...options, auth });
    this.#socket = socket;
    socket.on('session', (view) => {
      this.session = view;
      this.#changed.notify();
    });
    socket.on('engine', (status) => {
      this.engine = status;
      this.#changed.notify();
    });
    socket.on('terminal:state', (state) => {
      // Of another log than what is on the screen: numbered from its own beginning.
      const before = this.shells.get(state.id);
      if (before !== undefined && before.log !== state.log) this.screens.delete(state.id);
      this.shells.set(state.id, state);
      this.#changed.notify();
    });
    socket.on('terminal:output', ({ id, from, data }) => {
      try {
        this.screen(id).receive(from, data);
      } catch (error) {
        // Thrown here it would be an error of no test.
        this.#fault ??= error;
      }
      if (this.acks) socket.emit('terminal:ack', { id, through: this.screen(id).drawn });
      this.#changed.notify();
    });
    socket.on('disconnect', (reason) => {
      this.disconnects.push(reason);
      this.#changed.notify();
    });
    const refusal = Promise.withResolvers<never>();
    socket.on('connect_error', refusal.reject);
    await Promise.race([this.#changed.until(() => this.session !== undefined), refusal.promise]);
  }

  disconnect(): void {
    this.#socket?.disconnect();
  }

  /** Leave what the server sends in the connection, a websocket, until it is connected anew. */
  stopReading(): void {
    stopReading(this.#connected());
  }

  screen(id: TerminalId): Screen {
    const screen = this.screens.get(id) ?? new Screen();
    this.screens.set(id, screen);
    return screen;
  }

  /** Show a terminal from where the page left off. As all that follows, of the run that this page shows. */
  attach(id: TerminalId, run = this.#shown): void {
    const { log } = this.shells.get(id) ?? {};
    this.emit('terminal:attach', { run, id, ...(log && { log }), since: this.screen(id).drawn });
  }

  /** Type into a terminal that the page has attached to. */
  type(id: TerminalId, keys: string): void {
    this.emit('terminal:input', { id, data: Buffer.from(keys) });
  }

  async runBlock(step: string, block: string, run = this.#shown): Promise<BlockRun> {
    const { promise, resolve } = Promise.withResolvers<BlockRun>();
    this.emit('block:run', { run, step, block }, resolve);
    return promise;
  }

  async openTerminal(host: HostName, run = this.#shown): Promise<TerminalOpened> {
    const { promise, resolve } = Promise.withResolvers<TerminalOpened>();
    this.emit('terminal:open', { run, host }, resolve);
    return promise;
  }

  closeTerminal(id: TerminalId, run = this.#shown): void {
    this.emit('terminal:close', { run, id });
  }

  emit<Name extends keyof ClientMessages>(name: Name, ...message: Parameters<Sent[Name]>): void {
    this.#connected().emit(name, ...message);
  }

  /** Send what no page would send. */
  emitRaw(name: string, ...message: unknown[]): void {
    const socket: Socket = this.#connected();
    socket.emit(name, ...message);
  }

  /** Send a message of engine.io's as it is, which no page would. */
  sendFrame(frame: Uint8Array | string): void {
    this.#connected().io.engine.write(frame);
  }

  /** The session once it has come so far; rejects where it is over instead. */
  async until(status: SessionView['status']): Promise<SessionView> {
    for (;;) {
      const { session } = this;
      if (session?.status === status) return session;
      if (session?.status === 'failed' || session?.status === 'ended') {
        throw new Error(`The lab did not become ${status}: ${JSON.stringify(session)}`);
      }
      await this.#changed.next();
    }
  }

  /** The session once it fulfils a condition, whatever it has come to. */
  async untilSession(condition: (session: SessionView) => boolean): Promise<SessionView> {
    for (;;) {
      const { session } = this;
      if (session && condition(session)) return session;
      await this.#changed.next();
    }
  }

  async untilEngine(status: EngineStatus['status']): Promise<EngineStatus | undefined> {
    await this.#changed.until(() => this.engine?.status === status);
    return this.engine;
  }

  untilShell(id: TerminalId, alive: boolean): Promise<void> {
    return this.#changed.until(() => this.shells.get(id)?.alive === alive);
  }

  untilScreen(id: TerminalId, condition: (screen: Screen) => boolean): Promise<void> {
    return this.#changed.until(() => {
      if (this.#fault !== null) throw this.#fault;
      return condition(this.screen(id));
    });
  }

  untilDisconnected(): Promise<void> {
    return this.#changed.until(() => this.disconnects.length > 0);
  }

  [Symbol.dispose](): void {
    this.disconnect();
    if (this.#fault !== null) throw this.#fault;
  }

  get #shown(): RunId {
    if (!this.session) throw new Error('there is no session');
    return this.session.run;
  }

  /** A cookie takes the place of the one of its name. */
  #keep(cookie: string): void {
    const name = `${cookie.split('=', 1)[0]}=`;
    const others = this.cookie.split('; ').filter((each) => each !== '' && !each.startsWith(name));
    this.cookie = [...others, cookie].join('; ');
  }

  #connected(): PageSocket {
    if (this.#socket === null) throw new Error('connect first');
    return this.#socket;
  }
}
