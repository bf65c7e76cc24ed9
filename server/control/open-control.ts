import { once } from 'node:events';
import { chmod, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import express, { type Express } from 'express';
import { UserError } from '../engines/user-error.ts';
import { askState, CONTROL_SOCKET } from './control-client.ts';
import { lockFolder, lockHolder } from './folder-lock.ts';
import { CLUSTER_HEADER, controlRoutes, type ControlState, type RunningLab } from './state.ts';

/** What a running Drydock lets its operator do. */
export type Operations = {
  /** The page's address; null where there is no page. */
  url: string | null;
  labs(): RunningLab[];
  /** Resolves once all of it has been removed; with false where no such lab runs. */
  endLab(id: string): Promise<boolean>;
  /** A place on the engine for a cluster that is no lab; null where there is none. */
  takePlace(): Promise<ClusterPlace | null>;
};

/** A place on the engine. Disposing it removes the cluster in it, where that is still there, and never rejects. */
export interface ClusterPlace extends AsyncDisposable {
  /** The id that the cluster is to have. */
  readonly cluster: string;
}

export type ControlOptions = {
  version: string;
  /** What this process was started by, for whom it gets in the way of. */
  command: string;
  /** Told once that this process is to end. */
  stop: () => void;
};

/** This process's hold on a cache folder, and the socket by which others reach it. */
export interface Control extends AsyncDisposable {
  /** From now on it can be asked for its labs, which may still wait for their engine. */
  offer(operations: Operations): void;
  /** From now on it serves labs. */
  serve(operations: Operations): void;
  /** From now on it ends: it answers still, and until it is disposed nobody takes its place. */
  stopping(): void;
}

/**
 * Take hold of a cache folder and listen on its control socket. Rejects with a UserError where another Drydock has it:
 * of two that start at once, one is refused before it has done anything. A socket that a killed one has left is
 * replaced.
 */
export async function openControl(folder: string, options: ControlOptions): Promise<Control> {
  const lock = await lockFolder(folder);
  if (lock === null) throw await refusal(folder);
  await using owned = new AsyncDisposableStack();
  owned.use(lock);
  let operations: Operations | null = null;
  let serving = false;
  let ending = false;
  const server = createServer(
    answer({
      state: () => ({
        version: options.version,
        pid: process.pid,
        command: options.command,
        status: ending ? 'stopping' : serving ? 'serving' : 'preparing',
        url: operations?.url ?? null,
        labs: operations?.labs() ?? [],
      }),
      endLab: async (id) => operations?.endLab(id) ?? false,
      takePlace: async () => operations?.takePlace() ?? null,
      down: () => {
        if (ending) return;
        ending = true;
        // Ended by name, and not by the server's end alone, which labs may outlive.
        for (const { id } of operations?.labs() ?? []) void operations?.endLab(id);
        options.stop();
      },
    }),
  );
  owned.use(await listenIn(folder, server));
  const held = owned.move();
  return {
    offer: (given) => (operations = given),
    serve(given) {
      operations = given;
      serving = true;
    },
    stopping: () => (ending = true),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

type Answers = {
  state: () => ControlState;
  endLab: (id: string) => Promise<boolean>;
  takePlace: () => Promise<ClusterPlace | null>;
  down: () => void;
};

function answer({ state, endLab, takePlace, down }: Answers): Express {
  const http = express();
  http.disable('x-powered-by');
  http.get(controlRoutes.state, (_request, response) => void response.json(state()));
  http.delete(controlRoutes.lab(':id'), async ({ params }, response) => {
    response.sendStatus((await endLab(String(params.id))) ? 204 : 404);
  });
  http.post(controlRoutes.places, async (_request, response) => {
    const place = await takePlace();
    if (place === null) return void response.sendStatus(503);
    // However whoever took it ends, its connection does.
    if (response.closed) return place[Symbol.asyncDispose]();
    response.once('close', () => void place[Symbol.asyncDispose]());
    response.setHeader(CLUSTER_HEADER, place.cluster).flushHeaders();
  });
  http.post(controlRoutes.down, (_request, response) => {
    response.sendStatus(202);
    down();
  });
  return http;
}

/**
 * Listen on the control socket of a folder. It is made in a folder that nobody else can enter and moved into place
 * when its mode is right, by way of the open folder: a socket's path may have 107 characters at most.
 */
async function listenIn(folder: string, server: Server): Promise<AsyncDisposable> {
  const socket = join(folder, CONTROL_SOCKET);
  const workshop = await mkdtemp(join(folder, 'control.partial-'));
  const handle = await open(workshop);
  try {
    server.listen(`/proc/self/fd/${handle.fd}/${CONTROL_SOCKET}`);
    await once(server, 'listening');
    await chmod(join(workshop, CONTROL_SOCKET), 0o600);
    await rename(join(workshop, CONTROL_SOCKET), socket);
  } catch (error) {
    server.close();
    await handle.close();
    throw error;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  return {
    async [Symbol.asyncDispose]() {
      await rm(socket, { force: true });
      server.close();
      server.closeAllConnections();
      // Node.js removes what it listened on by the path that it was given: the number must be no other folder's yet.
      await handle.close();
    },
  };
}

async function refusal(folder: string): Promise<UserError> {
  const other = await askState(folder).catch(() => null);
  const pid = other?.pid ?? (await lockHolder(folder));
  const who = [
    ...(other === null ? [] : [`\`${other.command}\``]),
    ...(pid === null ? [] : [`process ${pid}`]),
    ...(other?.url ? [`at ${other.url}`] : []),
  ].join(', ');
  return new UserError(
    `Another Drydock uses the cache folder ${folder}${who && ` (${who})`}. Use that one, end it with “npm run drydock -- down”, or set DRYDOCK_CACHE to another folder.`,
  );
}
