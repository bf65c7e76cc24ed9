import { setTimeout as wait } from 'node:timers/promises';
import type Docker from 'dockerode';

const RETRY_MS = 250;
const TRY_MS = 5_000;

/** Poll an engine until its API answers; the signal's reason is thrown when it does not. */
export async function untilEngineAnswers(docker: Docker, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    // A guest that is not up yet may swallow a connection instead of refusing it.
    const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(TRY_MS)]);
    const answered = await docker.listImages({ abortSignal }).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await wait(RETRY_MS);
  }
}
