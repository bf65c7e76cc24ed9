import { Agent, type ClientRequestArgs, type IncomingMessage, request } from 'node:http';
import { type Duplex, PassThrough } from 'node:stream';
import { asError } from '../clusters/as-error.ts';
import type { Host } from '../clusters/cluster.ts';
import { EngineError } from './engine-error.ts';

/** A dial that takes longer than this will not come; on an emulated engine a good one takes a second or two. */
const DIAL_MS = 20_000;
const ANSWER_LIMIT = 4 * 1024 * 1024;

/** An answer's body. `truncated` where it was longer than the limit. */
type Answer = { status: number; body: Buffer; truncated: boolean };

/**
 * Speaks HTTP to the Docker engine inside a host. Looks share one connection for as long as the cluster lives:
 * each new one costs a process on the host, more than a second where its processor is emulated.
 */
export class EngineClient {
  readonly #host: Host;
  readonly #shared: Agent;
  readonly #single: Agent;
  /** Ends with the last request on the shared connection. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(host: Host) {
    this.#host = host;
    this.#shared = new DialAgent(host, true);
    this.#single = new DialAgent(host, false);
  }

  /** A JSON answer, unparsed by any schema: what a host says is not to be trusted. */
  async get(path: string, signal: AbortSignal): Promise<unknown> {
    return this.#json(path, await this.#retried(path, signal, ANSWER_LIMIT));
  }

  /** A raw answer of at most `limit` bytes. */
  async getBytes(path: string, limit: number, signal: AbortSignal): Promise<Buffer> {
    const answer = await this.#retried(path, signal, limit);
    if (answer.status >= 400) this.#json(path, answer);
    return answer.body;
  }

  async post(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    const send = () => this.#send('POST', path, body, ANSWER_LIMIT, this.#shared, signal);
    return this.#json(path, await this.#inTurn(send));
  }

  /**
   * For answers that end with their connection, as an exec's output does; on a connection of its own. Rejects
   * where one is longer than `limit` bytes.
   */
  async postStream(path: string, body: unknown, limit: number, signal: AbortSignal): Promise<Buffer> {
    const answer = await this.#send('POST', path, body, limit, this.#single, signal);
    if (answer.status >= 400) this.#json(path, answer);
    if (answer.truncated) throw new EngineError(this.#host.name, `its answer to ${path} is too long`);
    return answer.body;
  }

  /** A kept connection may have died since its last use; that says nothing of the engine, so ask once more. */
  #retried(path: string, signal: AbortSignal, limit: number): Promise<Answer> {
    const send = () => this.#send('GET', path, undefined, limit, this.#shared, signal);
    return this.#inTurn(async () => {
      try {
        return await send();
      } catch (error) {
        if (signal.aborted || !(error instanceof EngineError) || !wasReused(error.cause)) throw error;
        return await send();
      }
    });
  }

  /** One at a time. The agent's own limit counts only connections that stand, and dialling takes a while. */
  #inTurn(send: () => Promise<Answer>): Promise<Answer> {
    const answer = this.#last.then(send);
    this.#last = answer.catch(() => {
      // Told to the one who asked; the next has nothing to do with it.
    });
    return answer;
  }

  #send(
    method: string,
    path: string,
    body: unknown,
    limit: number,
    agent: Agent,
    signal: AbortSignal,
  ): Promise<Answer> {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = payload
      ? { 'Content-Type': 'application/json', 'Content-Length': String(payload.byteLength) }
      : {};
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const call = request({ agent, method, path, headers, host: 'docker', signal });
    const failed = (cause: Error) => {
      if (signal.aborted) return reject(asError(signal.reason));
      const reused = call.reusedSocket ? new ReusedConnectionError(cause.message, { cause }) : cause;
      reject(new EngineError(this.#host.name, cause.message, { cause: reused }));
    };
    call.on('error', failed);
    call.on('response', (response) => {
      readUpTo(response, limit).then(
        ({ body: bytes, truncated }) => resolve({ status: response.statusCode ?? 0, body: bytes, truncated }),
        failed,
      );
    });
    call.end(payload);
    return promise;
  }

  #json(path: string, { status, body, truncated }: Answer): unknown {
    if (truncated) throw new EngineError(this.#host.name, `its answer to ${path} is too long`);
    const text = body.toString('utf8');
    if (status >= 400) {
      throw new EngineError(this.#host.name, `${status} for ${path}: ${text.trim().slice(0, 300)}`);
    }
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new EngineError(this.#host.name, `its answer to ${path} is not JSON`, { cause: error });
    }
  }
}

class ReusedConnectionError extends Error {}

const wasReused = (cause: unknown) => cause instanceof ReusedConnectionError;

async function readUpTo(response: IncomingMessage, limit: number) {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    // Leaving the loop destroys the response, and with it what is still to come.
    if (size > limit) break;
  }
  return { body: Buffer.concat(chunks).subarray(0, limit), truncated: size > limit };
}

/** Node's agent over the host's raw streams. */
class DialAgent extends Agent {
  readonly #host: Host;

  constructor(host: Host, keepAlive: boolean) {
    super({ keepAlive });
    this.#host = host;
  }

  override createConnection(
    _options: ClientRequestArgs,
    callback: (error: Error | null, stream: Duplex) => void = () => {},
  ): undefined {
    // The callback's type wants a stream even beside an error, which Node then does not look at.
    const fail = (error: Error) => callback(error, new PassThrough());
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      fail(new Error('no connection to the engine within 20 seconds'));
    }, DIAL_MS);
    const connected = (stream: Duplex) => {
      clearTimeout(timer);
      // A kept connection that breaks between two looks has nobody else to hear it.
      stream.on('error', () => stream.destroy());
      if (late) stream.destroy();
      else callback(null, likeSocket(stream));
    };
    this.#host.dialEngine().then(connected, (error: unknown) => {
      clearTimeout(timer);
      if (!late) fail(asError(error));
    });
  }
}

/**
 * Node's agent looks after kept connections with methods that only sockets have, and its own bookkeeping is in the
 * same functions: so the stream gets the methods, rather than the agent other functions.
 */
function likeSocket(stream: Duplex): Duplex {
  for (const method of ['setKeepAlive', 'setNoDelay', 'setTimeout', 'ref', 'unref']) {
    if (!(method in stream)) Object.defineProperty(stream, method, { value: () => stream });
  }
  return stream;
}
