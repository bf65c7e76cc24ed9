import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { askState, sendDown } from '../control/control-client.ts';
import { lockFolder, lockHolder, type FolderLock } from '../control/folder-lock.ts';
import { endMachines } from '../engines/embedded/end-machines.ts';
import { dockerClient } from '../engines/docker-client.ts';
import { removeAllOf } from '../engines/external/external-engine.ts';
import { OWNER_LABEL } from '../engines/owner.ts';
import { exists } from '../engines/cached-folder.ts';
import { UserError } from '../engines/user-error.ts';
import { readAllUsed } from './external-record.ts';
import { count } from './quantities.ts';

/** What a server takes to remove its labs and stop its engine, on a slow machine. */
const STOP_MS = 180_000;
const POLL_MS = 100;

/** What sessions are kept in, with what SQLite lays beside it. */
const SESSION_FILES = ['sessions.db', 'sessions.db-wal', 'sessions.db-shm'];

export type DownOptions = { say: (line: string) => void; signal: AbortSignal; limitMs?: number };

/**
 * End everything that runs from a cache folder: the server with its labs, and what a server that was killed has left.
 */
export async function down(cache: string, { say, signal, limitMs = STOP_MS }: DownOptions): Promise<void> {
  // Looking must not make the folder.
  if (!(await exists(cache))) return say('Nothing is running.');
  const state = await askState(cache);
  if (state !== null) {
    say(`Ending ${count(state.labs.length, 'lab')} and Drydock (process ${state.pid}) …`);
    await sendDown(cache);
  }
  await using _ = await untilFree(cache, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]));
  const machines = await endMachines(cache, signal);
  const containers = await endExternal(cache, say);
  // They were ended on purpose: the next start must not look for them.
  await Promise.all(SESSION_FILES.map((name) => rm(join(cache, name), { force: true })));
  if (machines.length > 0) say('Ended an engine that was left running, and what ran on it.');
  if (containers > 0) say('Ended what was left running on the Docker engine that labs ran on.');
  say(
    state === null && machines.length === 0 && containers === 0
      ? 'Nothing is running.'
      : 'Nothing of Drydock runs any more.',
  );
}

/** End what is left on Docker engines that are somebody else's; resolves with how many containers that were. */
async function endExternal(cache: string, say: (line: string) => void): Promise<number> {
  const ended = await Promise.all(
    (await readAllUsed(cache)).map(async ({ engine, owner }) => {
      try {
        return await removeAllOf(dockerClient(engine), owner);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        say(
          `The Docker engine at ${engine.environment.DOCKER_HOST} cannot be asked to end what may be left there, which has the label ${OWNER_LABEL}=${owner}: ${reason}`,
        );
        return 0;
      }
    }),
  );
  return ended.reduce((sum, containers) => sum + containers, 0);
}

/** The cache folder once nobody uses it any more, and for as long as nobody is to. */
async function untilFree(cache: string, signal: AbortSignal): Promise<FolderLock> {
  for (;;) {
    const lock = await lockFolder(cache);
    if (lock !== null) return lock;
    if (signal.aborted) {
      if (signal.reason instanceof Error && signal.reason.name !== 'TimeoutError') throw signal.reason;
      const pid = await lockHolder(cache);
      throw new UserError(
        `Drydock does not end (process ${pid ?? 'unknown'}). Kill it and run “npm run drydock -- down” again, which ends what it leaves.`,
      );
    }
    await wait(POLL_MS);
  }
}
