import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Logger } from 'pino';
import { Server } from 'socket.io';
import type { Access } from '../access/access.ts';
import type { Warn } from '../access/bounded-warnings.ts';
import { Budget } from '../access/budget.ts';
import { UNKNOWN_BROWSER } from '../access/owners.ts';
import { terminalParser } from '../protocol/terminal-packets.ts';
import { Handshake, MAX_INPUT_BYTES, MAX_PASTE_BYTES } from '../protocol/index.ts';
import type { ApiError } from '../protocol/index.ts';
import type { EngineGate } from '../sessions/engine-gate.ts';
import { apiError, LabError } from '../sessions/errors.ts';
import type { SessionManager } from '../sessions/manager.ts';
import { Backlog } from './backlog.ts';
import { LabConnection, type LabServer, type LabSocket } from './lab-connection.ts';

/** Bytes of one message: the most keys that the protocol allows, in base64 as polling has them, and a header. */
const MAX_MESSAGE_BYTES = Math.ceil(MAX_INPUT_BYTES / 3) * 4 + 1024;

/** How many pages of one owner may look at once. */
const SOCKETS_OF_OWNER = 16;
/** How often pages may connect: one that is reloaded, and a class that comes back at once. */
const CONNECTIONS_OF_OWNER = { burst: 60, perSecond: 1 } as const;
const CONNECTIONS_OF_ADDRESS = { burst: 600, perSecond: 20 } as const;
/** Looks at terminals, more shells and commands: a page that comes back has some of each to ask for. */
const COSTLY_OF_OWNER = { burst: 200, perSecond: 10 } as const;
/** What all pages of one owner may type. */
const INPUT_OF_OWNER = { burst: MAX_PASTE_BYTES, perSecond: 128 * 1024 } as const;

export type SocketsOptions = {
  server: HttpServer | HttpsServer;
  engine: Pick<EngineGate, 'status' | 'subscribe'>;
  sessions: SessionManager;
  access: Access;
  /** Told of what goes through terminals. */
  onTerminalBytes: (direction: 'in' | 'out', bytes: number) => void;
  log: Logger;
  warn: Warn;
};

export type Sockets = {
  io: LabServer;
  /** Cut off the pages of an owner's browsers that were signed out. */
  cutOff: (owner: string) => void;
};

/** Serves the pages' sockets on `server`. Closing them closes the server, too. */
export function createSockets(options: SocketsOptions): Sockets {
  const { server, engine, sessions, access, onTerminalBytes, log, warn } = options;
  const { names, door, owners } = access;
  const ofOwner = new Budget(CONNECTIONS_OF_OWNER);
  const ofAddress = new Budget(CONNECTIONS_OF_ADDRESS);
  const input = new Budget(INPUT_OF_OWNER);
  const costly = new Budget(COSTLY_OF_OWNER);
  const io: LabServer = new Server(server, {
    serveClient: false,
    parser: terminalParser,
    perMessageDeflate: false,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    allowRequest: (request, answer) => {
      const allowed = ofAddress.take(access.addressOf(request));
      if (!allowed) warn({ address: access.addressOf(request) }, 'socket refused: too often');
      answer(allowed ? null : 'too_many_requests', allowed);
    },
  });
  // Of every request, each of polling's among them; `allowRequest` is asked of the first alone.
  io.engine.use((request: IncomingMessage, _response: unknown, next: (error?: Error) => void) => {
    const { headers } = request;
    if (!names.isOwnHost(headers) || !names.isSameOrigin(headers)) {
      const { host, origin } = headers;
      warn({ host, origin, address: access.addressOf(request) }, 'socket refused: foreign origin');
      return next(new Error('forbidden_origin'));
    }
    next();
  });
  const backlogs = new WeakMap<LabSocket['conn'], Backlog>();
  io.engine.on('connection', (connection: LabSocket['conn']) => {
    const address = access.addressOf(connection.request);
    const onTooMuch = () => warn({ address, why: 'does not read what it is sent' }, 'page cut off');
    backlogs.set(connection, new Backlog(connection, { onTooMuch }));
  });
  const openOf = (owner: string): number =>
    [...io.sockets.sockets.values()].filter(({ data }) => data.visitor?.owner === owner).length;
  /** Why a page may not look, or null for one that may; its socket then knows whose it is. */
  const refusalOf = (socket: LabSocket): ApiError | null => {
    const { cookie } = socket.handshake.headers;
    // Refused here, and not before, so that a page which was let in under an older code hears why.
    if (!door.admits(cookie)) {
      warn({ address: access.addressOf(socket.request) }, 'socket refused: no access code');
      return apiError('access_required');
    }
    const handshake = Handshake.safeParse(socket.handshake.auth);
    if (!handshake.success) return apiError('bad_request');
    const visitor = owners.read(cookie);
    if (visitor === null) return apiError('bad_request', UNKNOWN_BROWSER);
    const { scenario } = handshake.data;
    if (!ofOwner.take(visitor.owner) || openOf(visitor.owner) >= SOCKETS_OF_OWNER) {
      warn({ scenario }, 'socket refused: an owner has too many');
      return apiError('too_many_requests');
    }
    sessions.get(visitor.owner, scenario);
    socket.data = { visitor, scenario };
    return null;
  };
  io.use((socket, next) => {
    let refusal: ApiError | null;
    try {
      refusal = refusalOf(socket);
    } catch (error) {
      // Nobody would catch it: socket.io waits for no answer of what it calls here.
      refusal = error instanceof LabError ? error.toApiError() : apiError('internal');
      if (refusal.error === 'internal') log.error({ err: error }, 'a page could not be let in');
    }
    next(refusal === null ? undefined : refused(refusal));
  });
  io.on('connection', (socket) => {
    const { visitor } = socket.data;
    socket.on('disconnect', () => {
      backlogs.get(socket.conn)?.left();
      // A page that leaves has no use for what carried it.
      socket.conn.close();
    });
    // It may have been signed out while it connected.
    if (!owners.isCurrent(visitor)) {
      socket.disconnect(true);
      return;
    }
    const owe = (bytes: number) => input.owe(visitor.owner, bytes);
    const mayAsk = () => costly.take(visitor.owner);
    try {
      new LabConnection({ socket, engine, sessions, owe, mayAsk, onTerminalBytes, log, warn }).open();
    } catch (error) {
      log.error({ err: error }, 'a page could not be served');
      socket.disconnect(true);
    }
  });
  return {
    io,
    cutOff(owner) {
      for (const socket of io.sockets.sockets.values()) {
        const { visitor } = socket.data;
        if (visitor.owner === owner && !owners.isCurrent(visitor)) socket.disconnect(true);
      }
    },
  };
}

/** socket.io hands `data` to the page's `connect_error`. */
const refused = (data: ApiError): Error => Object.assign(new Error(data.error), { data });
