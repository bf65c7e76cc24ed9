import { once } from 'node:events';
import { createServer as createPlainServer } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Access } from './access/access.ts';
import { boundedWarnings } from './access/bounded-warnings.ts';
import type { Certificate } from './access/certificate.ts';
import { createHttp } from './http/http.ts';
import { Metrics } from './metrics/metrics.ts';
import type { Slug } from './protocol/index.ts';
import type { Scenario } from './scenarios/scenario.ts';
import type { EngineGate } from './sessions/engine-gate.ts';
import { OwnHostsGate, type OwnHostsSettings } from './sessions/own-hosts-gate.ts';
import { SessionManager } from './sessions/manager.ts';
import type { OpenChecks } from './sessions/lab-checks.ts';
import type { SessionStore } from './sessions/store.ts';
import { NO_TERMS, type SessionTerms } from './sessions/terms.ts';
import { createSockets } from './sockets/sockets.ts';

export type AppOptions = {
  /** What can be started; looked at for every request, as it may change. */
  scenarios: ReadonlyMap<Slug, Scenario>;
  /** What labs run on; it may still be being prepared. */
  engine: EngineGate;
  /** Where sessions are kept over restarts; those in it go on. */
  store: SessionStore;
  openChecks: OpenChecks;
  /** The machines that exist already which labs may use; none unless told. */
  ownHosts?: OwnHostsSettings;
  /** How long labs may go on and be left alone; for ever unless told. */
  terms?: SessionTerms;
  access: Access;
  /** How many clusters lie ready for labs. */
  spareClusters?: () => number;
  /** What TLS is spoken with; without one, it is plain HTTP. */
  certificate?: Certificate;
  /** Told after each change of how many labs are open. */
  onOpenLabs?: (open: number) => void;
  /** Absolute path of the folder with the built page. */
  webRoot: string;
  log: Logger;
};

/** A Drydock server. Disposing it ends every session, removes their clusters and stops listening. */
export interface App extends AsyncDisposable {
  /** Resolves once it listens; port 0 takes a free one. Rejects with the system's error, such as EADDRINUSE. */
  listen(address: { host: string; port: number }): Promise<{ url: string }>;
  /** How many labs are open on the engine. */
  readonly openLabs: number;
  /** Stops listening and lets go of the labs, which another start of the server goes on with. */
  leave(): Promise<void>;
  /** From now on TLS is spoken with another certificate. */
  renew(certificate: Certificate): void;
  /** What whoever operates the server may do with all labs. */
  readonly sessions: Pick<SessionManager, 'list' | 'endRun' | 'places' | 'loseHosts' | 'revise'>;
}

/** Puts the server together; nothing listens yet. */
export function createApp({ webRoot, engine, onOpenLabs, access, certificate, ...given }: AppOptions): App {
  const { ownHosts: ownHostsSettings, ...options } = given;
  const { scenarios, log, spareClusters = () => 0 } = options;
  const ownHosts = new OwnHostsGate(ownHostsSettings);
  const { provision, adopt, remove, requireRoom, hasEnded } = engine;
  const metrics = new Metrics({ sessions: () => sessions.list(), spareClusters });
  const sessions: SessionManager = new SessionManager({
    terms: NO_TERMS,
    ...options,
    openChecks: metrics.counted(options.openChecks),
    provision: metrics.timed(provision),
    adopt,
    remove,
    requireRoom,
    engineEnded: hasEnded,
    ownHosts,
    ...(onOpenLabs && { onOpenChange: onOpenLabs }),
  });
  engine.countLabs(() => sessions.open);
  engine.subscribeRoom(() => sessions.admit());
  const warn = boundedWarnings(log);
  const http = createHttp({
    scenarios,
    engine: {
      get status() {
        return engine.status;
      },
      unavailable: (scenario) => {
        const known = scenarios.get(scenario);
        return (known && ownHosts.unavailable(known)) ?? engine.unavailable(scenario);
      },
    },
    sessions,
    access,
    metrics: metrics.registry,
    onSignedOut: (owner) => cutOff(owner),
    webRoot,
    log,
    warn,
  });
  const tls: TlsServer | null = certificate === undefined ? null : createTlsServer(certificate, http);
  const server = tls ?? createPlainServer(http);
  const { io, cutOff } = createSockets({
    server,
    engine,
    sessions,
    access,
    onTerminalBytes: (direction, bytes) => metrics.terminalBytes(direction, bytes),
    log,
    warn,
  });
  const connections = new Set<Socket>();
  server.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  const close = async (handOver: () => Promise<void>) => {
    const closed = io.close();
    // Also those that are kept alive or wait for an answer: none of them may start a lab any more.
    server.closeAllConnections();
    await handOver();
    // A page that has gone without a word never answers the socket's goodbye.
    for (const connection of connections) connection.destroy();
    await closed;
  };
  return {
    get openLabs() {
      return sessions.open;
    },
    sessions,
    async listen({ host, port }) {
      server.listen(port, host);
      // `once` rejects where 'error' comes first.
      await once(server, 'listening');
      const url = urlOf(server.address(), tls !== null);
      log.info({ url }, 'listening');
      return { url };
    },
    renew: (next) => tls?.setSecureContext(next),
    leave: () => close(() => sessions.leave()),
    [Symbol.asyncDispose]: () => close(() => sessions[Symbol.asyncDispose]()),
  };
}

function urlOf(address: AddressInfo | string | null, secure: boolean): string {
  if (address === null || typeof address === 'string') throw new TypeError('not listening on a port');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `${secure ? 'https' : 'http'}://${host}:${address.port}`;
}
