import type { EngineEvent } from '../../validators/kit/index.ts';
import { asError } from '../clusters/as-error.ts';
import type { Host } from '../clusters/cluster.ts';
import { EngineError } from './engine-error.ts';
import { engineEvents } from './engine-events.ts';
import { type HttpAnswer, httpGet } from './http-get.ts';

/** Answers by host and path. */
export type Answers = Map<string, Promise<unknown>>;

const ANSWER_LIMIT = 4 * 1024 * 1024;

/** Asks the Docker engine inside a host. It only ever asks: a check changes nothing. */
export class EngineClient {
  readonly #host: Host;
  readonly #signal: AbortSignal;
  readonly #answers: Answers | undefined;

  /** @param answers what has been asked at one time, so that it is asked once */
  constructor(host: Host, signal: AbortSignal, answers?: Answers) {
    this.#host = host;
    this.#signal = signal;
    this.#answers = answers;
  }

  /** A JSON answer, unparsed by any schema: what a host says is not to be trusted. */
  get(path: string): Promise<unknown> {
    const key = `${this.#host.name} ${path}`;
    const answer = this.#answers?.get(key) ?? this.#getJson(path);
    this.#answers?.set(key, answer);
    return answer;
  }

  async #getJson(path: string): Promise<unknown> {
    const { truncated, body } = await this.#get(path, ANSWER_LIMIT);
    if (truncated) throw this.error(`its answer to ${path} is too long`);
    try {
      return JSON.parse(body.toString('utf8'));
    } catch (error) {
      throw this.error(`its answer to ${path} is not JSON`, error);
    }
  }

  /** A raw answer; of one longer than `limit` bytes, its beginning. */
  async getBytes(path: string, limit: number): Promise<Buffer> {
    return (await this.#get(path, limit)).body;
  }

  /** Its events, as `engineEvents` gives them. */
  async *events(path: string): AsyncGenerator<EngineEvent, void, void> {
    const signal = this.#signal;
    try {
      yield* engineEvents(await this.#host.dialEngine(signal), path, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw this.error(asError(error).message, error);
    }
  }

  /** What this engine has done wrong. */
  error(message: string, cause?: unknown): EngineError {
    return new EngineError(this.#host.name, message, { cause });
  }

  async #get(path: string, limit: number): Promise<HttpAnswer> {
    const signal = this.#signal;
    try {
      const connection = await this.#host.dialEngine(signal);
      const answer = await httpGet(connection, { host: 'docker', path, limit, signal });
      if (answer.status < 400) return answer;
      throw new Error(`${answer.status} for ${path}: ${answer.body.toString('utf8').trim().slice(0, 300)}`);
    } catch (error) {
      signal.throwIfAborted();
      throw this.error(asError(error).message, error);
    }
  }
}
