import { setTimeout as delay } from 'node:timers/promises';
import type { EngineEvent } from '../../validators/kit/index.ts';
import type { Host } from '../clusters/cluster.ts';
import { EngineClient } from './engine-client.ts';
import { eventsPath } from './engine-events.ts';
import { containerCommand } from './engine-schemas.ts';

/** The newest are kept: a lab makes some hundred. */
const MOST_EVENTS = 4000;
/**
 * A container's command is asked for at once or not at all. What is in the engine's place may tell of any number of
 * containers, and answer at length or never: so many are asked for in a second.
 */
const MOST_QUESTIONS = 32;
const ANSWER_MS = 15_000;
const ANSWER_LIMIT = 256 * 1024;
/** An engine that cannot be asked, or was started anew, is asked again after so long. */
const ASK_AGAIN_MS = 5_000;

/**
 * Looks on at what a host's engine does, over one connection that waits, and keeps it: of a container that is removed
 * when it ends nothing else is left. The engine's own 256 newest events come first, so that a start of the server does
 * not forget what was done before.
 */
export class EventWatch implements Disposable {
  readonly #host: Host;
  readonly #onEvent: (event: EngineEvent) => void;
  readonly #ended = new AbortController();
  #events: EngineEvent[] = [];
  #questions = 0;

  constructor(host: Host, onEvent: (event: EngineEvent) => void) {
    this.#host = host;
    this.#onEvent = onEvent;
    void this.#look();
  }

  /** Oldest first. */
  get events(): readonly EngineEvent[] {
    return this.#events;
  }

  [Symbol.dispose](): void {
    this.#ended.abort(new Error('Nobody looks on any more.'));
  }

  async #look(): Promise<void> {
    const { signal } = this.#ended;
    const client = new EngineClient(this.#host, signal);
    try {
      for (;;) {
        const last = this.#events.at(-1)?.at ?? 0;
        try {
          for await (const event of client.events(eventsPath(Math.floor(last / 1000)))) {
            if (event.at > last || last === 0) this.#keep(event);
          }
        } catch {
          // A learner may stop the engine, or put something else in its place. Checks say what is wrong with it.
          signal.throwIfAborted();
        }
        await delay(ASK_AGAIN_MS, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #keep(event: EngineEvent): void {
    this.#events.push(event);
    if (this.#events.length > MOST_EVENTS) this.#events = this.#events.slice(-MOST_EVENTS / 2);
    const isLearners = !('com.docker.swarm.service.id' in event.attributes);
    if (event.type === 'container' && event.action === 'create' && isLearners) {
      void this.#seeCommand(event);
    }
    this.#onEvent(event);
  }

  /** At once, as it may be gone a moment later. */
  async #seeCommand(event: EngineEvent): Promise<void> {
    if (this.#questions === MOST_QUESTIONS) return;
    this.#questions += 1;
    try {
      const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(ANSWER_MS)]);
      const client = new EngineClient(this.#host, signal);
      const path = `/containers/${encodeURIComponent(event.id)}/json`;
      const container = await client.getBytes(path, ANSWER_LIMIT);
      event.command = containerCommand.parse(JSON.parse(container.toString('utf8')));
      this.#onEvent(event);
    } catch {
      // Then it is not known, and a check that asks for it says so.
    } finally {
      setTimeout(() => (this.#questions -= 1), 1000).unref();
    }
  }
}
