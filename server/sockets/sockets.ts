import type { IncomingHttpHeaders, Server as HttpServer } from 'node:http';
import type { Logger } from 'pino';
import { Server } from 'socket.io';
import { Handshake, MAX_INPUT_BYTES } from '../protocol/index.ts';
import type { ApiError } from '../protocol/index.ts';
import type { EngineGate } from '../sessions/engine-gate.ts';
import { apiError, LabError } from '../sessions/errors.ts';
import type { SessionManager } from '../sessions/manager.ts';
import { LabConnection, type LabServer } from './lab-connection.ts';

/** Bytes of one message: the most keys that the protocol allows, in base64 as polling has them, and a header. */
const MAX_MESSAGE_BYTES = Math.ceil(MAX_INPUT_BYTES / 3) * 4 + 1024;

export type SocketsOptions = {
  server: HttpServer;
  engine: Pick<EngineGate, 'status' | 'subscribe'>;
  sessions: SessionManager;
  /** Who asks, by the Cookie header; null where nobody is named. */
  readOwner: (cookieHeader: string | undefined) => string | null;
  /** Whether a request comes from a page of this server. Asked on every transport. */
  isSameOrigin: (headers: IncomingHttpHeaders) => boolean;
  log: Logger;
};

/** Serves the pages' sockets on `server`. Closing the result closes the sockets and the server. */
export function createSockets(options: SocketsOptions): LabServer {
  const { server, engine, sessions, readOwner, isSameOrigin, log } = options;
  const io: LabServer = new Server(server, {
    serveClient: false,
    perMessageDeflate: false,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    allowRequest: ({ headers }, answer) => {
      const allowed = isSameOrigin(headers);
      if (!allowed) log.warn({ origin: headers.origin }, 'socket refused: foreign origin');
      answer(allowed ? null : 'forbidden_origin', allowed);
    },
  });
  io.use((socket, next) => {
    const handshake = Handshake.safeParse(socket.handshake.auth);
    const owner = readOwner(socket.handshake.headers.cookie);
    if (!handshake.success || owner === null) return next(refused(apiError('bad_request')));
    const { scenario } = handshake.data;
    try {
      sessions.get(owner, scenario);
    } catch (error) {
      if (error instanceof LabError) return next(refused(error.toApiError()));
      throw error;
    }
    socket.data = { owner, scenario };
    next();
  });
  io.on('connection', (socket) => new LabConnection({ socket, engine, sessions, log }).open());
  return io;
}

/** socket.io hands `data` to the page's `connect_error`. */
const refused = (data: ApiError): Error => Object.assign(new Error(data.error), { data });
