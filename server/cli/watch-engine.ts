import { answerLimit, beforeAbort } from '../engines/before-abort.ts';
import { dockerClient } from '../engines/docker-client.ts';
import type { Engine } from '../engines/engine.ts';
import { UserError } from '../engines/user-error.ts';

const POLL_MS = 1_000;
/** One that is busy answers late; one that is gone refuses, and at once. */
const ANSWER_LIMIT_MS = 30_000;
const REFUSALS = 3;

/** An engine under the eyes of somebody who does not hold it. Disposing it ends the watch. */
export interface WatchedEngine extends Disposable {
  /** Aborts, with the reason, within seconds of its end. */
  readonly ended: AbortSignal;
  /** Look at once, where something on it has failed. Throws the reason where it has ended. */
  requireRunning(): Promise<void>;
}

export function watchEngine(engine: Pick<Engine, 'environment'>): WatchedEngine {
  const docker = dockerClient(engine);
  const ended = new AbortController();
  let refusals = 0;
  let timer: NodeJS.Timeout;
  /** Null where it answers, or takes its time. */
  const refusal = async (): Promise<UserError | null> => {
    const limit = answerLimit(ANSWER_LIMIT_MS);
    try {
      await beforeAbort(limit, docker.ping());
      return null;
    } catch (error) {
      if (limit.aborted) return null;
      return new UserError('The engine has ended, and the cluster that was on it. Try again.', {
        cause: error,
      });
    }
  };
  const look = async () => {
    const refused = await refusal();
    refusals = refused === null ? 0 : refusals + 1;
    if (refused !== null && refusals >= REFUSALS) ended.abort(refused);
    else lookLater();
  };
  const lookLater = () => {
    timer = setTimeout(() => void look(), POLL_MS).unref();
  };
  lookLater();
  return {
    ended: ended.signal,
    async requireRunning() {
      ended.signal.throwIfAborted();
      const refused = await refusal();
      if (refused !== null) throw refused;
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
