import { once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connectSocket } from '../engines/connect-socket.ts';
import { isSystemError } from '../engines/system-error.ts';
import { UserError } from '../engines/user-error.ts';
import { CLUSTER_HEADER, controlRoutes, ControlState } from './state.ts';

export const CONTROL_SOCKET = 'control.sock';

/** A server that lives answers at once, also on a machine that is busy emulating. */
const ANSWER_MS = 10_000;
/** What a lab takes to be removed, on a slow machine. */
const END_MS = 120_000;
/** The same for a spare cluster, in whose place another is to come. */
const PLACE_MS = 120_000;

type Answer = { status: number; body: string };

/** What the Drydock that uses a cache folder says of itself; null where none runs. */
export async function askState(folder: string): Promise<ControlState | null> {
  const answer = await ask(folder, 'GET', controlRoutes.state, ANSWER_MS);
  if (answer === null) return null;
  const state = answer.status === 200 ? ControlState.safeParse(JSON.parse(answer.body)) : null;
  if (state?.success) return state.data;
  throw new UserError(
    'The Drydock that runs does not speak this version’s language. Use the version that started it, or stop it with Ctrl-C.',
  );
}

/** End a lab; resolves once all of it has been removed, with false where no such lab runs. */
export async function endLab(folder: string, id: string): Promise<boolean> {
  const answer = await ask(folder, 'DELETE', controlRoutes.lab(id), END_MS);
  if (answer === null || answer.status === 404) return false;
  if (answer.status === 204) return true;
  throw new Error(`The server answered ${answer.status}: ${answer.body}`);
}

/** Tell a Drydock to end its labs and itself, without waiting for that; false where none runs. */
export async function sendDown(folder: string): Promise<boolean> {
  return (await ask(folder, 'POST', controlRoutes.down, ANSWER_MS)) !== null;
}

/** A place that is held, for a cluster that is to have the id. */
export interface HeldPlace extends Disposable {
  readonly cluster: string;
}

/**
 * Take a place for a cluster on the engine of the Drydock that runs, until it is disposed or this process ends; what is
 * left of the cluster is removed then. Null where there is none.
 */
export async function takePlace(folder: string): Promise<HeldPlace | null> {
  const socket = await connect(folder);
  if (socket === null) return null;
  const asked = request({ method: 'POST', path: controlRoutes.places, createConnection: () => socket });
  asked.end();
  try {
    const [response] = await once(asked, 'response', { signal: AbortSignal.timeout(PLACE_MS) });
    if (response.statusCode !== 200) {
      socket.destroy();
      return null;
    }
    // It ends with the server, too, and nothing is said in it.
    response.on('error', () => undefined).resume();
    const cluster = String(response.headers[CLUSTER_HEADER]);
    return { cluster, [Symbol.dispose]: () => socket.destroy() };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Null where nobody listens. */
async function connect(folder: string): Promise<Socket | null> {
  return connectSocket(folder, CONTROL_SOCKET).catch((error: unknown) => {
    // The folder itself may not be there.
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  });
}

/** Null where nobody listens. */
async function ask(folder: string, method: string, path: string, limitMs: number): Promise<Answer | null> {
  const socket = await connect(folder);
  if (socket === null) return null;
  const limit = AbortSignal.timeout(limitMs);
  try {
    const asked = request({ method, path, createConnection: () => socket, signal: limit });
    asked.end();
    const [response] = await once(asked, 'response');
    return { status: response.statusCode, body: await text(response) };
  } catch (error) {
    if (!limit.aborted) {
      // It ended while it was asked.
      if (isSystemError(error, 'ECONNRESET', 'EPIPE')) return null;
      throw error;
    }
    throw new UserError(
      `The Drydock that runs does not answer. End it by its number, which is in control.lock in ${folder}, and run “npm run drydock -- down”.`,
    );
  } finally {
    socket.destroy();
  }
}
